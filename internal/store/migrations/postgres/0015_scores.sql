-- Scores of members: the team's weights, version by version, and what comes of the newest (derived).
CREATE TABLE score_model (
  name    TEXT NOT NULL,
  version BIGINT NOT NULL,
  spec    TEXT NOT NULL,
  note    TEXT NOT NULL DEFAULT '',
  by      TEXT NOT NULL,
  at      BIGINT NOT NULL,
  PRIMARY KEY (name, version)
);

-- A member's score: value in thousandths; due is when a rhythm is broken, in microseconds.
CREATE TABLE member_score (
  model     TEXT NOT NULL,
  member_id BIGINT NOT NULL,
  value     BIGINT NOT NULL DEFAULT 0,
  level     BIGINT NOT NULL DEFAULT 0,
  step      BIGINT NOT NULL DEFAULT 0,
  due       BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (model, member_id)
);
CREATE INDEX member_score_level ON member_score(model, level);
CREATE INDEX member_score_member ON member_score(member_id);
