-- Workflows, the versions that members entered, and the members in them.
CREATE TABLE workflow (
  id         INTEGER PRIMARY KEY,
  key        TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  state      TEXT NOT NULL,                    -- 'draft', 'on', 'off', 'archived'
  version    INTEGER NOT NULL DEFAULT 0,       -- that members enter; 0 = none yet
  draft      TEXT NOT NULL,                    -- definition, as JSON
  steps      INTEGER NOT NULL DEFAULT 0,       -- the last number that a step was given
  revision   INTEGER NOT NULL DEFAULT 1,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  on_since   INTEGER NOT NULL DEFAULT 0,
  next_at    INTEGER NOT NULL DEFAULT 0,
  hook       TEXT NOT NULL DEFAULT '',         -- digest of the token of its address
  activity   INTEGER NOT NULL DEFAULT 0,       -- the last activity, and segment event, before it was turned on
  event      INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE workflow_version (
  workflow_id INTEGER NOT NULL,
  version     INTEGER NOT NULL,
  definition  TEXT NOT NULL,
  actor       TEXT NOT NULL,
  at          INTEGER NOT NULL,
  PRIMARY KEY (workflow_id, version)
) WITHOUT ROWID;

CREATE TABLE workflow_run (
  id              INTEGER PRIMARY KEY,
  workflow_id     INTEGER NOT NULL,
  version         INTEGER NOT NULL,
  member_id       INTEGER NOT NULL,
  entry           TEXT NOT NULL,               -- what let them in: unique in the workflow
  cause           TEXT NOT NULL,
  state           TEXT NOT NULL,               -- 'waiting', 'failed', 'done', 'stopped', 'held'
  step            TEXT NOT NULL DEFAULT '',
  since           INTEGER NOT NULL,
  due_at          INTEGER NOT NULL DEFAULT 0,
  message         TEXT NOT NULL DEFAULT '',    -- key of the message of which it waits to hear
  listens         INTEGER NOT NULL DEFAULT 0,
  entered_at      INTEGER NOT NULL,
  activity_id     INTEGER NOT NULL DEFAULT 0,
  conversation_id INTEGER NOT NULL DEFAULT 0,
  wrote_at        INTEGER NOT NULL DEFAULT 0,
  attempts        INTEGER NOT NULL DEFAULT 0,
  reason          TEXT NOT NULL DEFAULT '',
  ended_at        INTEGER NOT NULL DEFAULT 0,
  outcome         INTEGER NOT NULL DEFAULT -1,
  seq             INTEGER NOT NULL DEFAULT 0,
  holder          TEXT NOT NULL DEFAULT '',
  lease_until     INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX workflow_run_entry ON workflow_run(workflow_id, entry);
CREATE INDEX workflow_run_due ON workflow_run(due_at, id) WHERE state = 'waiting';
CREATE INDEX workflow_run_member ON workflow_run(member_id, workflow_id);
CREATE INDEX workflow_run_talk ON workflow_run(conversation_id) WHERE conversation_id > 0;
CREATE INDEX workflow_run_state ON workflow_run(workflow_id, state, id);
CREATE INDEX workflow_run_listens ON workflow_run(id) WHERE state = 'waiting' AND listens = 1;

CREATE TABLE workflow_log (
  run_id      INTEGER NOT NULL,
  seq         INTEGER NOT NULL,
  workflow_id INTEGER NOT NULL,
  step        TEXT NOT NULL,
  kind        TEXT NOT NULL,
  text        TEXT NOT NULL,
  at          INTEGER NOT NULL,
  key         TEXT NOT NULL DEFAULT '',        -- of the message or task that was made
  PRIMARY KEY (run_id, seq)
) WITHOUT ROWID;
CREATE INDEX workflow_log_step ON workflow_log(workflow_id, step);
