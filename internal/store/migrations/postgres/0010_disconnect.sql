-- A source that was disconnected keeps its data and is neither read nor pushed to.
ALTER TABLE source ADD COLUMN disconnected_at BIGINT NOT NULL DEFAULT 0;
