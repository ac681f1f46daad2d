-- The tech stack: decisions. What is in body is read with the tool and never searched by; costs, renewals and health are
-- computed when they are looked at.
CREATE TABLE tool (
  id      BIGINT PRIMARY KEY,
  name    TEXT NOT NULL,                       -- in lower case; no two tools have the same
  version BIGINT NOT NULL,
  body    TEXT NOT NULL                        -- JSON of tool.Tool
);
CREATE UNIQUE INDEX tool_name ON tool(name);

CREATE TABLE tool_incident (
  id       BIGINT PRIMARY KEY,
  tool_id  BIGINT NOT NULL,
  source   TEXT NOT NULL DEFAULT '',           -- the source that showed it; '' = a person wrote it
  began_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL DEFAULT 0,
  note     TEXT NOT NULL,
  actor    TEXT NOT NULL
);
CREATE INDEX tool_incident_tool ON tool_incident(tool_id, id);

-- Sources that nobody wants to be suggested as a tool.
CREATE TABLE tool_declined (
  source TEXT PRIMARY KEY,
  actor  TEXT NOT NULL,
  at     BIGINT NOT NULL
);

CREATE TABLE tool_review (
  id      BIGINT PRIMARY KEY,
  version BIGINT NOT NULL,
  body    TEXT NOT NULL                        -- JSON of tool.Review
);

CREATE TABLE tool_score (
  review_id BIGINT NOT NULL,
  candidate TEXT NOT NULL,
  criterion TEXT NOT NULL,
  person    TEXT NOT NULL,
  score     BIGINT NOT NULL,
  note      TEXT NOT NULL,
  at        BIGINT NOT NULL,
  PRIMARY KEY (review_id, candidate, criterion, person)
);
