-- What messages are about. A topic was found in them (origin 'found') or made by a person ('hand'). What people decided of
-- it stands in name_set, rule, parent, hidden and merged_into, and is kept when topics are found anew.
CREATE TABLE topic (
  id          INTEGER PRIMARY KEY,
  origin      TEXT NOT NULL DEFAULT 'found',
  name        TEXT NOT NULL,                -- as it was found; derived
  name_set    TEXT NOT NULL DEFAULT '',
  terms       TEXT NOT NULL DEFAULT '[]',   -- its words, the most telling first, JSON; derived
  rule        TEXT NOT NULL DEFAULT '',     -- a query over activities: what fits is about the topic
  parent      INTEGER NOT NULL DEFAULT 0,
  hidden      INTEGER NOT NULL DEFAULT 0,
  merged_into INTEGER NOT NULL DEFAULT 0,
  gone        INTEGER NOT NULL DEFAULT 0,   -- the last fit found it no more; derived
  created_at  INTEGER NOT NULL
);

-- Which messages are about which topic, by 'model', by 'rule' or by 'hand'. What is by hand is a decision, and an example
-- that the model learns from; all else is derived. The time is the activity's.
CREATE TABLE topic_activity (
  activity_id INTEGER NOT NULL,
  topic_id    INTEGER NOT NULL,
  origin      TEXT NOT NULL,
  weight      REAL NOT NULL DEFAULT 1,
  occurred_at INTEGER NOT NULL,
  PRIMARY KEY (activity_id, topic_id, origin)
) WITHOUT ROWID;
CREATE INDEX topic_activity_time ON topic_activity(topic_id, occurred_at, activity_id);
CREATE INDEX topic_activity_origin ON topic_activity(origin, topic_id);

-- The last fit, and the model that it made; derived.
CREATE TABLE topic_fit (
  id         INTEGER PRIMARY KEY,
  fitted_at  INTEGER NOT NULL,
  messages   INTEGER NOT NULL,              -- that were there
  position   INTEGER NOT NULL,              -- the last activity then
  sampled    INTEGER NOT NULL,              -- that were looked at
  topics     INTEGER NOT NULL,
  quality    REAL NOT NULL,                 -- how well the groups stand apart, -1 to 1
  actor      TEXT NOT NULL,
  model      BLOB NOT NULL
);

-- What happened outside that explains a chart. Releases and announcements that are activities show by themselves, unless
-- somebody took them off.
CREATE TABLE annotation (
  id         INTEGER PRIMARY KEY,
  at         INTEGER NOT NULL,
  until      INTEGER NOT NULL DEFAULT 0,
  title      TEXT NOT NULL,
  kind       TEXT NOT NULL,
  url        TEXT NOT NULL DEFAULT '',
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  removed_at INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX annotation_at ON annotation(at);
CREATE TABLE annotation_hidden (activity_id INTEGER PRIMARY KEY);
