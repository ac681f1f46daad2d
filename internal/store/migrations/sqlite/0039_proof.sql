-- What the community does for the business: studies and their results as they came out (decisions and frozen figures),
-- what the community costs, and what the measures assume.
CREATE TABLE proof_study (
  id         INTEGER PRIMARY KEY,
  state      TEXT NOT NULL,                    -- 'open', 'removed'
  version    INTEGER NOT NULL,
  body       TEXT NOT NULL,                    -- JSON of proof.Study
  created_at INTEGER NOT NULL
);

CREATE TABLE proof_run (
  id         INTEGER PRIMARY KEY,
  study_id   INTEGER NOT NULL REFERENCES proof_study(id),
  state      TEXT NOT NULL,                    -- 'waiting', 'running', 'canceling', 'canceled', 'failed', 'done'
  phase      TEXT NOT NULL DEFAULT '',
  done       INTEGER NOT NULL DEFAULT 0,
  total      INTEGER NOT NULL DEFAULT 0,
  problem    TEXT NOT NULL DEFAULT '',
  result     TEXT NOT NULL DEFAULT '',         -- JSON of proof.Result
  actor      TEXT NOT NULL,
  asked_at   INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL,                 -- when who computes it was last heard of
  ended_at   INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX proof_run_study ON proof_run(study_id, id);
CREATE INDEX proof_run_open ON proof_run(id) WHERE state IN ('waiting', 'running', 'canceling');

-- Who was compared in a run: kept for the last ones of a study.
CREATE TABLE proof_unit (
  run_id    INTEGER NOT NULL,
  seq       INTEGER NOT NULL,
  member_id INTEGER NOT NULL,
  exposed   INTEGER NOT NULL,
  compared  INTEGER NOT NULL,                  -- has a like, or is one
  at        INTEGER NOT NULL,                  -- from when on the outcome counts
  outcome   REAL NOT NULL,
  PRIMARY KEY (run_id, seq)
) WITHOUT ROWID;
CREATE INDEX proof_unit_member ON proof_unit(member_id);

CREATE TABLE proof_cost (
  id      INTEGER PRIMARY KEY,
  removed INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL,
  body    TEXT NOT NULL                        -- JSON of proof.Cost
);

CREATE TABLE proof_input (
  key     TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  body    TEXT NOT NULL                        -- JSON of proof.Input
) WITHOUT ROWID;
