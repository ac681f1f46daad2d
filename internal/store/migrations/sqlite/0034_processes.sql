-- Processes of the team: decisions, JSON with a version. Hours are computed when they are looked at and kept in documents only,
-- which are frozen.
CREATE TABLE process (
  id         INTEGER PRIMARY KEY,
  version    INTEGER NOT NULL,
  archived   INTEGER NOT NULL DEFAULT 0,
  body       TEXT NOT NULL,                    -- JSON of process.Draft
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL
);

-- What the timer measured. stopped_at = 0: it runs.
CREATE TABLE process_timing (
  id         INTEGER PRIMARY KEY,
  process_id INTEGER NOT NULL,
  person     TEXT NOT NULL,
  runs       INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  stopped_at INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX process_timing_process ON process_timing(process_id, id);
CREATE UNIQUE INDEX process_timing_running ON process_timing(person) WHERE stopped_at = 0;

CREATE TABLE process_document (
  id    INTEGER PRIMARY KEY,
  kind  TEXT NOT NULL,
  title TEXT NOT NULL,
  actor TEXT NOT NULL,
  at    INTEGER NOT NULL,
  body  TEXT NOT NULL                          -- JSON of process.Document, as it was
);
