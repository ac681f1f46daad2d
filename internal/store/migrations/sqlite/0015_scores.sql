-- Scores of members: the team's weights, version by version, and what comes of the newest (derived).
CREATE TABLE score_model (
  name    TEXT NOT NULL,
  version INTEGER NOT NULL,
  spec    TEXT NOT NULL,
  note    TEXT NOT NULL DEFAULT '',
  by      TEXT NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (name, version)
);

-- A member's score: value in thousandths; due is when a rhythm is broken, in microseconds.
CREATE TABLE member_score (
  model     TEXT NOT NULL,
  member_id INTEGER NOT NULL,
  value     INTEGER NOT NULL DEFAULT 0,
  level     INTEGER NOT NULL DEFAULT 0,
  step      INTEGER NOT NULL DEFAULT 0,
  due       INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (model, member_id)
) WITHOUT ROWID;
CREATE INDEX member_score_level ON member_score(model, level);
CREATE INDEX member_score_member ON member_score(member_id);
