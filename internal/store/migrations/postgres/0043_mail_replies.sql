-- When somebody wrote back to a mail.
ALTER TABLE outbox ADD COLUMN replied_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX outbox_replied ON outbox(run_id, replied_at) WHERE replied_at > 0;
