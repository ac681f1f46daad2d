-- Segments: saved queries over members. Queries, and what people call them, are decisions; who is in a segment is derived,
-- but its history is not: what was true when it was looked at cannot be computed again.
CREATE TABLE segment (
  id           INTEGER PRIMARY KEY,
  key          TEXT NOT NULL UNIQUE,            -- how queries name it; never changes
  name         TEXT NOT NULL,
  query        TEXT NOT NULL,
  description  TEXT NOT NULL DEFAULT '',
  color        TEXT NOT NULL DEFAULT '',
  owner        TEXT NOT NULL DEFAULT '',
  version      INTEGER NOT NULL DEFAULT 1,      -- of the query
  created_at   INTEGER NOT NULL,
  changed_at   INTEGER NOT NULL,
  archived_at  INTEGER NOT NULL DEFAULT 0,
  evaluated_at INTEGER NOT NULL DEFAULT 0,      -- as of when its members are known
  position     INTEGER NOT NULL DEFAULT 0,      -- the last activity that was derived then
  revision     INTEGER NOT NULL DEFAULT 0,      -- grows whenever its members change
  size         INTEGER NOT NULL DEFAULT 0,
  history_from INTEGER NOT NULL DEFAULT 0,      -- since when the history says who was in it
  problem      TEXT NOT NULL DEFAULT ''         -- why it could not be evaluated
);
CREATE UNIQUE INDEX segment_name ON segment(lower(name));

-- Every query that a segment has had.
CREATE TABLE segment_query (
  segment_id INTEGER NOT NULL REFERENCES segment(id),
  version    INTEGER NOT NULL,
  query      TEXT NOT NULL,
  actor      TEXT NOT NULL,
  at         INTEGER NOT NULL,
  PRIMARY KEY (segment_id, version)
) WITHOUT ROWID;

CREATE TABLE segment_member (
  segment_id INTEGER NOT NULL REFERENCES segment(id),
  member_id  INTEGER NOT NULL,
  since      INTEGER NOT NULL,
  PRIMARY KEY (segment_id, member_id)
) WITHOUT ROWID;
CREATE INDEX segment_member_member ON segment_member(member_id);

-- Who entered and who left. In the order of (at, id) a member's events alternate, and the first one enters.
CREATE TABLE segment_event (
  id            INTEGER PRIMARY KEY,
  segment_id    INTEGER NOT NULL REFERENCES segment(id),
  member_id     INTEGER NOT NULL,
  at            INTEGER NOT NULL,
  entered       INTEGER NOT NULL,
  cause         TEXT NOT NULL,
  reason        TEXT NOT NULL DEFAULT '',
  query_version INTEGER NOT NULL
);
CREATE INDEX segment_event_segment ON segment_event(segment_id, at, id);
CREATE INDEX segment_event_member ON segment_event(member_id, segment_id);
