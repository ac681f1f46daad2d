-- What people set of a member goes with one of its identities when the member becomes part of another: the one that stood
-- for it when it was last decided or set something of it. 0 = the one that the member is called by.
ALTER TABLE member ADD COLUMN anchor INTEGER NOT NULL DEFAULT 0;
UPDATE member SET anchor = coalesce((SELECT min(i.id) FROM identity i WHERE i.member_id = CASE WHEN member.merged_into > 0 THEN member.merged_into ELSE member.id END), 0)
  WHERE NOT EXISTS (SELECT 1 FROM identity i WHERE i.id = member.id AND i.member_id = CASE WHEN member.merged_into > 0 THEN member.merged_into ELSE member.id END);

-- Actions that are made again and again.
CREATE TABLE action_schedule (
  id          INTEGER PRIMARY KEY,
  kind        TEXT NOT NULL,
  source      TEXT NOT NULL,
  title       TEXT NOT NULL,
  plan        TEXT NOT NULL,
  every       INTEGER NOT NULL,               -- seconds
  created_by  TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  next_at     INTEGER NOT NULL DEFAULT 0,     -- 0 = it is stopped
  stopped_at  INTEGER NOT NULL DEFAULT 0,
  times       INTEGER NOT NULL DEFAULT 0,
  last_action INTEGER NOT NULL DEFAULT 0,
  last_at     INTEGER NOT NULL DEFAULT 0,
  error       TEXT NOT NULL DEFAULT '',
  failures    INTEGER NOT NULL DEFAULT 0
);

-- The members whose rows stand in a warehouse's table, so that the rows of those who are gone can be deleted there.
CREATE TABLE pushed_member (
  source_id INTEGER NOT NULL REFERENCES source(id),
  member_id INTEGER NOT NULL,
  PRIMARY KEY (source_id, member_id)
) WITHOUT ROWID;

-- Sources that are being removed with their data, and how far that is.
CREATE TABLE source_removal (
  source_id INTEGER PRIMARY KEY,
  asked_at  INTEGER NOT NULL,
  asked_by  TEXT NOT NULL,
  total     INTEGER NOT NULL,            -- activities and accounts when it was asked for
  done      INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX raw_block_source ON raw_block(source_id);

-- Conversations that were removed, so that whoever follows them by version takes them out.
CREATE TABLE conversation_gone (
  id      INTEGER PRIMARY KEY,
  version INTEGER NOT NULL
);
CREATE INDEX conversation_gone_version ON conversation_gone(version);

-- What a source was called before. Its address for pushes goes on to work.
CREATE TABLE source_alias (
  name      TEXT PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES source(id)
) WITHOUT ROWID;

-- Whether a row is a name, by which other sources find the organization too, rather than an id of the source's own.
ALTER TABLE organization_ref ADD COLUMN named INTEGER NOT NULL DEFAULT 0;
UPDATE organization_ref SET named = 1 WHERE external_id GLOB '*[a-z]*'
  AND (hash = 0 OR external_id = (SELECT lower(o.name) FROM organization o WHERE o.id = organization_ref.organization_id));
