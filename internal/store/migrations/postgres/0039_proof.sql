-- What the community does for the business: studies and their results as they came out (decisions and frozen figures),
-- what the community costs, and what the measures assume.
CREATE TABLE proof_study (
  id         BIGINT PRIMARY KEY,
  state      TEXT NOT NULL,                    -- 'open', 'removed'
  version    BIGINT NOT NULL,
  body       TEXT NOT NULL,                    -- JSON of proof.Study
  created_at BIGINT NOT NULL
);

CREATE TABLE proof_run (
  id         BIGINT PRIMARY KEY,
  study_id   BIGINT NOT NULL REFERENCES proof_study(id),
  state      TEXT NOT NULL,                    -- 'waiting', 'running', 'canceling', 'canceled', 'failed', 'done'
  phase      TEXT NOT NULL DEFAULT '',
  done       BIGINT NOT NULL DEFAULT 0,
  total      BIGINT NOT NULL DEFAULT 0,
  problem    TEXT NOT NULL DEFAULT '',
  result     TEXT NOT NULL DEFAULT '',         -- JSON of proof.Result
  actor      TEXT NOT NULL,
  asked_at   BIGINT NOT NULL,
  seen_at    BIGINT NOT NULL,                 -- when who computes it was last heard of
  ended_at   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX proof_run_study ON proof_run(study_id, id);
CREATE INDEX proof_run_open ON proof_run(id) WHERE state IN ('waiting', 'running', 'canceling');

-- Who was compared in a run: kept for the last ones of a study.
CREATE TABLE proof_unit (
  run_id    BIGINT NOT NULL,
  seq       BIGINT NOT NULL,
  member_id BIGINT NOT NULL,
  exposed   BIGINT NOT NULL,
  compared  BIGINT NOT NULL,                  -- has a like, or is one
  at        BIGINT NOT NULL,                  -- from when on the outcome counts
  outcome   DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (run_id, seq)
);
CREATE INDEX proof_unit_member ON proof_unit(member_id);

CREATE TABLE proof_cost (
  id      BIGINT PRIMARY KEY,
  removed BIGINT NOT NULL DEFAULT 0,
  version BIGINT NOT NULL,
  body    TEXT NOT NULL                        -- JSON of proof.Cost
);

CREATE TABLE proof_input (
  key     TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  body    TEXT NOT NULL                        -- JSON of proof.Input
);
