-- Segments: saved queries over members. Queries, and what people call them, are decisions; who is in a segment is derived,
-- but its history is not: what was true when it was looked at cannot be computed again.
CREATE TABLE segment (
  id           BIGINT PRIMARY KEY,
  key          TEXT NOT NULL UNIQUE,            -- how queries name it; never changes
  name         TEXT NOT NULL,
  query        TEXT NOT NULL,
  description  TEXT NOT NULL DEFAULT '',
  color        TEXT NOT NULL DEFAULT '',
  owner        TEXT NOT NULL DEFAULT '',
  version      BIGINT NOT NULL DEFAULT 1,      -- of the query
  created_at   BIGINT NOT NULL,
  changed_at   BIGINT NOT NULL,
  archived_at  BIGINT NOT NULL DEFAULT 0,
  evaluated_at BIGINT NOT NULL DEFAULT 0,      -- as of when its members are known
  position     BIGINT NOT NULL DEFAULT 0,      -- the last activity that was derived then
  revision     BIGINT NOT NULL DEFAULT 0,      -- grows whenever its members change
  size         BIGINT NOT NULL DEFAULT 0,
  history_from BIGINT NOT NULL DEFAULT 0,      -- since when the history says who was in it
  problem      TEXT NOT NULL DEFAULT ''         -- why it could not be evaluated
);
CREATE UNIQUE INDEX segment_name ON segment(lower(name));

-- Every query that a segment has had.
CREATE TABLE segment_query (
  segment_id BIGINT NOT NULL REFERENCES segment(id),
  version    BIGINT NOT NULL,
  query      TEXT NOT NULL,
  actor      TEXT NOT NULL,
  at         BIGINT NOT NULL,
  PRIMARY KEY (segment_id, version)
);

CREATE TABLE segment_member (
  segment_id BIGINT NOT NULL REFERENCES segment(id),
  member_id  BIGINT NOT NULL,
  since      BIGINT NOT NULL,
  PRIMARY KEY (segment_id, member_id)
);
CREATE INDEX segment_member_member ON segment_member(member_id);

-- Who entered and who left. In the order of (at, id) a member's events alternate, and the first one enters.
CREATE TABLE segment_event (
  id            BIGINT PRIMARY KEY,
  segment_id    BIGINT NOT NULL REFERENCES segment(id),
  member_id     BIGINT NOT NULL,
  at            BIGINT NOT NULL,
  entered       BIGINT NOT NULL,
  cause         TEXT NOT NULL,
  reason        TEXT NOT NULL DEFAULT '',
  query_version BIGINT NOT NULL
);
CREATE INDEX segment_event_segment ON segment_event(segment_id, at, id);
CREATE INDEX segment_event_member ON segment_event(member_id, segment_id);
