-- Processes of the team: decisions, JSON with a version. Hours are computed when they are looked at and kept in documents only,
-- which are frozen.
CREATE TABLE process (
  id         BIGINT PRIMARY KEY,
  version    BIGINT NOT NULL,
  archived   BIGINT NOT NULL DEFAULT 0,
  body       TEXT NOT NULL,                    -- JSON of process.Draft
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

-- What the timer measured. stopped_at = 0: it runs.
CREATE TABLE process_timing (
  id         BIGINT PRIMARY KEY,
  process_id BIGINT NOT NULL,
  person     TEXT NOT NULL,
  runs       BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  stopped_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX process_timing_process ON process_timing(process_id, id);
CREATE UNIQUE INDEX process_timing_running ON process_timing(person) WHERE stopped_at = 0;

CREATE TABLE process_document (
  id    BIGINT PRIMARY KEY,
  kind  TEXT NOT NULL,
  title TEXT NOT NULL,
  actor TEXT NOT NULL,
  at    BIGINT NOT NULL,
  body  TEXT NOT NULL                          -- JSON of process.Document, as it was
);
