-- Workflows, the versions that members entered, and the members in them.
CREATE TABLE workflow (
  id         BIGINT PRIMARY KEY,
  key        TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  state      TEXT NOT NULL,                    -- 'draft', 'on', 'off', 'archived'
  version    BIGINT NOT NULL DEFAULT 0,       -- that members enter; 0 = none yet
  draft      TEXT NOT NULL,                    -- definition, as JSON
  steps      BIGINT NOT NULL DEFAULT 0,       -- the last number that a step was given
  revision   BIGINT NOT NULL DEFAULT 1,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  on_since   BIGINT NOT NULL DEFAULT 0,
  next_at    BIGINT NOT NULL DEFAULT 0,
  hook       TEXT NOT NULL DEFAULT '',         -- digest of the token of its address
  activity   BIGINT NOT NULL DEFAULT 0,       -- the last activity, and segment event, before it was turned on
  event      BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE workflow_version (
  workflow_id BIGINT NOT NULL,
  version     BIGINT NOT NULL,
  definition  TEXT NOT NULL,
  actor       TEXT NOT NULL,
  at          BIGINT NOT NULL,
  PRIMARY KEY (workflow_id, version)
);

CREATE TABLE workflow_run (
  id              BIGINT PRIMARY KEY,
  workflow_id     BIGINT NOT NULL,
  version         BIGINT NOT NULL,
  member_id       BIGINT NOT NULL,
  entry           TEXT NOT NULL,               -- what let them in: unique in the workflow
  cause           TEXT NOT NULL,
  state           TEXT NOT NULL,               -- 'waiting', 'failed', 'done', 'stopped', 'held'
  step            TEXT NOT NULL DEFAULT '',
  since           BIGINT NOT NULL,
  due_at          BIGINT NOT NULL DEFAULT 0,
  message         TEXT NOT NULL DEFAULT '',    -- key of the message of which it waits to hear
  listens         BIGINT NOT NULL DEFAULT 0,
  entered_at      BIGINT NOT NULL,
  activity_id     BIGINT NOT NULL DEFAULT 0,
  conversation_id BIGINT NOT NULL DEFAULT 0,
  wrote_at        BIGINT NOT NULL DEFAULT 0,
  attempts        BIGINT NOT NULL DEFAULT 0,
  reason          TEXT NOT NULL DEFAULT '',
  ended_at        BIGINT NOT NULL DEFAULT 0,
  outcome         BIGINT NOT NULL DEFAULT -1,
  seq             BIGINT NOT NULL DEFAULT 0,
  holder          TEXT NOT NULL DEFAULT '',
  lease_until     BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX workflow_run_entry ON workflow_run(workflow_id, entry);
CREATE INDEX workflow_run_due ON workflow_run(due_at, id) WHERE state = 'waiting';
CREATE INDEX workflow_run_member ON workflow_run(member_id, workflow_id);
CREATE INDEX workflow_run_talk ON workflow_run(conversation_id) WHERE conversation_id > 0;
CREATE INDEX workflow_run_state ON workflow_run(workflow_id, state, id);
CREATE INDEX workflow_run_listens ON workflow_run(id) WHERE state = 'waiting' AND listens = 1;

CREATE TABLE workflow_log (
  run_id      BIGINT NOT NULL,
  seq         BIGINT NOT NULL,
  workflow_id BIGINT NOT NULL,
  step        TEXT NOT NULL,
  kind        TEXT NOT NULL,
  text        TEXT NOT NULL,
  at          BIGINT NOT NULL,
  key         TEXT NOT NULL DEFAULT '',        -- of the message or task that was made
  PRIMARY KEY (run_id, seq)
);
CREATE INDEX workflow_log_step ON workflow_log(workflow_id, step);
