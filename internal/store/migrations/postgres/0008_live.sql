-- Live sources: read again on a rhythm, and pushed to.

-- A source is read in lanes, each with runs and a cursor of its own: in 'read' the platform is asked, in 'push' stored
-- deliveries become facts. A push run lasts a day.
ALTER TABLE run ADD COLUMN lane TEXT NOT NULL DEFAULT 'read';
ALTER TABLE run ADD COLUMN metered TEXT NOT NULL DEFAULT '';    -- what it asked of the platform, JSON
CREATE INDEX run_lane ON run(source_id, lane, id);

ALTER TABLE source ADD COLUMN rhythm BIGINT NOT NULL DEFAULT 0;     -- seconds between reads; 0 = the connector's own, -1 = only when told to
ALTER TABLE source ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0;     -- when it is read next by itself; 0 = not
ALTER TABLE source ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;   -- reads that failed, in a row
ALTER TABLE source ADD COLUMN survey TEXT NOT NULL DEFAULT '';       -- what the platform last said of itself, JSON
ALTER TABLE source ADD COLUMN surveyed_at BIGINT NOT NULL DEFAULT 0;

-- What platforms pushed. A row is there before the push is acknowledged. Those that became facts (state 1) are kept in
-- small number, so that a mapping can be tried on them; state 2 = given up.
CREATE TABLE delivery (
  id          BIGINT PRIMARY KEY,
  source_id   BIGINT NOT NULL REFERENCES source(id),
  external_id TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  state       BIGINT NOT NULL DEFAULT 0,
  tries       BIGINT NOT NULL DEFAULT 0,
  retry_at    BIGINT NOT NULL DEFAULT 0,
  error       TEXT NOT NULL DEFAULT '',
  request     TEXT NOT NULL,                  -- method, path, query and headers without credentials, JSON
  body        BYTEA NOT NULL
);
CREATE INDEX delivery_waiting ON delivery(source_id, retry_at, id) WHERE state = 0;
CREATE INDEX delivery_done ON delivery(source_id, state, id);

-- What the source said was deleted, and when: an older telling that arrives later does not bring it back.
CREATE TABLE tombstone (
  source_id   BIGINT NOT NULL,
  external_id TEXT NOT NULL,
  at          BIGINT NOT NULL,
  PRIMARY KEY (source_id, external_id)
);

ALTER TABLE thread ADD COLUMN told_at BIGINT NOT NULL DEFAULT 0;    -- by the source's clock; an older telling changes nothing
ALTER TABLE business_record ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE business_record ADD COLUMN deleted BIGINT NOT NULL DEFAULT 0;

-- The stages that business records went through.
CREATE TABLE record_stage (
  record_id BIGINT NOT NULL REFERENCES business_record(id),
  at        BIGINT NOT NULL,
  stage     TEXT NOT NULL,
  PRIMARY KEY (record_id, at, stage)
);
