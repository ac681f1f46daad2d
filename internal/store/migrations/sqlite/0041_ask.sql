-- Questions in SQL that people keep, and what they asked. Both are decisions.
CREATE TABLE question (
  id         INTEGER PRIMARY KEY,
  version    INTEGER NOT NULL,
  body       TEXT NOT NULL                     -- JSON of ask.Saved
);

CREATE TABLE question_asked (
  id      INTEGER PRIMARY KEY,
  actor   TEXT NOT NULL,
  at      INTEGER NOT NULL,
  text    TEXT NOT NULL,
  rows    INTEGER NOT NULL,
  took    REAL NOT NULL,                       -- seconds
  problem TEXT NOT NULL
);
CREATE INDEX question_asked_actor ON question_asked(actor, id);
