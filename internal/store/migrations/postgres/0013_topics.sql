-- What messages are about. A topic was found in them (origin 'found') or made by a person ('hand'). What people decided of
-- it stands in name_set, rule, parent, hidden and merged_into, and is kept when topics are found anew.
CREATE TABLE topic (
  id          BIGINT PRIMARY KEY,
  origin      TEXT NOT NULL DEFAULT 'found',
  name        TEXT NOT NULL,                -- as it was found; derived
  name_set    TEXT NOT NULL DEFAULT '',
  terms       TEXT NOT NULL DEFAULT '[]',   -- its words, the most telling first, JSON; derived
  rule        TEXT NOT NULL DEFAULT '',     -- a query over activities: what fits is about the topic
  parent      BIGINT NOT NULL DEFAULT 0,
  hidden      BIGINT NOT NULL DEFAULT 0,
  merged_into BIGINT NOT NULL DEFAULT 0,
  gone        BIGINT NOT NULL DEFAULT 0,   -- the last fit found it no more; derived
  created_at  BIGINT NOT NULL
);

-- Which messages are about which topic, by 'model', by 'rule' or by 'hand'. What is by hand is a decision, and an example
-- that the model learns from; all else is derived. The time is the activity's.
CREATE TABLE topic_activity (
  activity_id BIGINT NOT NULL,
  topic_id    BIGINT NOT NULL,
  origin      TEXT NOT NULL,
  weight      DOUBLE PRECISION NOT NULL DEFAULT 1,
  occurred_at BIGINT NOT NULL,
  PRIMARY KEY (activity_id, topic_id, origin)
);
CREATE INDEX topic_activity_time ON topic_activity(topic_id, occurred_at, activity_id);
CREATE INDEX topic_activity_origin ON topic_activity(origin, topic_id);

-- The last fit, and the model that it made; derived.
CREATE TABLE topic_fit (
  id         BIGINT PRIMARY KEY,
  fitted_at  BIGINT NOT NULL,
  messages   BIGINT NOT NULL,              -- that were there
  position   BIGINT NOT NULL,              -- the last activity then
  sampled    BIGINT NOT NULL,              -- that were looked at
  topics     BIGINT NOT NULL,
  quality    DOUBLE PRECISION NOT NULL,                 -- how well the groups stand apart, -1 to 1
  actor      TEXT NOT NULL,
  model      BYTEA NOT NULL
);

-- What happened outside that explains a chart. Releases and announcements that are activities show by themselves, unless
-- somebody took them off.
CREATE TABLE annotation (
  id         BIGINT PRIMARY KEY,
  at         BIGINT NOT NULL,
  until      BIGINT NOT NULL DEFAULT 0,
  title      TEXT NOT NULL,
  kind       TEXT NOT NULL,
  url        TEXT NOT NULL DEFAULT '',
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  removed_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX annotation_at ON annotation(at);
CREATE TABLE annotation_hidden (activity_id BIGINT PRIMARY KEY);
