-- The tech stack: decisions. What is in body is read with the tool and never searched by; costs, renewals and health are
-- computed when they are looked at.
CREATE TABLE tool (
  id      INTEGER PRIMARY KEY,
  name    TEXT NOT NULL,                       -- in lower case; no two tools have the same
  version INTEGER NOT NULL,
  body    TEXT NOT NULL                        -- JSON of tool.Tool
);
CREATE UNIQUE INDEX tool_name ON tool(name);

CREATE TABLE tool_incident (
  id       INTEGER PRIMARY KEY,
  tool_id  INTEGER NOT NULL,
  source   TEXT NOT NULL DEFAULT '',           -- the source that showed it; '' = a person wrote it
  began_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL DEFAULT 0,
  note     TEXT NOT NULL,
  actor    TEXT NOT NULL
);
CREATE INDEX tool_incident_tool ON tool_incident(tool_id, id);

-- Sources that nobody wants to be suggested as a tool.
CREATE TABLE tool_declined (
  source TEXT PRIMARY KEY,
  actor  TEXT NOT NULL,
  at     INTEGER NOT NULL
);

CREATE TABLE tool_review (
  id      INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  body    TEXT NOT NULL                        -- JSON of tool.Review
);

CREATE TABLE tool_score (
  review_id INTEGER NOT NULL,
  candidate TEXT NOT NULL,
  criterion TEXT NOT NULL,
  person    TEXT NOT NULL,
  score     INTEGER NOT NULL,
  note      TEXT NOT NULL,
  at        INTEGER NOT NULL,
  PRIMARY KEY (review_id, candidate, criterion, person)
);
