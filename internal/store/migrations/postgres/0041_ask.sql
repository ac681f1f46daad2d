-- Questions in SQL that people keep, and what they asked. Both are decisions.
CREATE TABLE question (
  id         BIGINT PRIMARY KEY,
  version    BIGINT NOT NULL,
  body       TEXT NOT NULL                     -- JSON of ask.Saved
);

CREATE TABLE question_asked (
  id      BIGINT PRIMARY KEY,
  actor   TEXT NOT NULL,
  at      BIGINT NOT NULL,
  text    TEXT NOT NULL,
  rows    BIGINT NOT NULL,
  took    DOUBLE PRECISION NOT NULL,                       -- seconds
  problem TEXT NOT NULL
);
CREATE INDEX question_asked_actor ON question_asked(actor, id);
