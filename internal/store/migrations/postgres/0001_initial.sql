-- The record store's first schema. Times are integer microseconds since 1970 UTC, 0 = unknown. Booleans are 0 or 1.
-- Ids are given by the program (next = max + 1 inside the writing transaction), so that they do not depend on retries.

CREATE TABLE setting (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE source (
  id         BIGINT PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE,
  kind       TEXT NOT NULL,
  platform   TEXT NOT NULL,
  business   BIGINT NOT NULL DEFAULT 0,
  config     TEXT NOT NULL DEFAULT '{}',
  next       TEXT NOT NULL DEFAULT '',      -- cursor for the next incremental sync
  created_at BIGINT NOT NULL
);

CREATE TABLE run (
  id          BIGINT PRIMARY KEY,
  source_id   BIGINT NOT NULL REFERENCES source(id),
  state       TEXT NOT NULL,
  cursor      TEXT NOT NULL DEFAULT '',
  read        BIGINT NOT NULL DEFAULT 0,
  stored      BIGINT NOT NULL DEFAULT 0,
  unchanged   BIGINT NOT NULL DEFAULT 0,
  rejected    BIGINT NOT NULL DEFAULT 0,
  left_out    BIGINT NOT NULL DEFAULT 0,
  done        BIGINT NOT NULL DEFAULT 0,
  total       BIGINT NOT NULL DEFAULT 0,
  unit        TEXT NOT NULL DEFAULT '',
  phase       TEXT NOT NULL DEFAULT '',
  error       TEXT NOT NULL DEFAULT '',
  started_at  BIGINT NOT NULL,
  updated_at  BIGINT NOT NULL,
  finished_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX run_source ON run(source_id, id);

CREATE TABLE run_reject (
  run_id   BIGINT NOT NULL REFERENCES run(id),
  seq      BIGINT NOT NULL,
  file     TEXT NOT NULL,
  line     BIGINT NOT NULL,
  reason   TEXT NOT NULL,
  expected TEXT NOT NULL,
  excerpt  TEXT NOT NULL,
  PRIMARY KEY (run_id, seq)
);

CREATE TABLE run_left_out (
  run_id BIGINT NOT NULL REFERENCES run(id),
  reason TEXT NOT NULL,
  count  BIGINT NOT NULL,
  PRIMARY KEY (run_id, reason)
);

-- Raw payloads, a few hundred in one compressed block. A fact points at (raw_block, raw_pos).
CREATE TABLE raw_block (
  id        BIGINT PRIMARY KEY,
  source_id BIGINT NOT NULL REFERENCES source(id),
  stored_at BIGINT NOT NULL,
  payloads  BIGINT NOT NULL,
  size      BIGINT NOT NULL,               -- bytes before compression
  data      BYTEA NOT NULL
);

CREATE TABLE channel (
  id          BIGINT PRIMARY KEY,
  source_id   BIGINT NOT NULL REFERENCES source(id),
  external_id TEXT NOT NULL,
  name        TEXT NOT NULL,
  url         TEXT NOT NULL DEFAULT '',
  threadless  BIGINT NOT NULL DEFAULT 0,
  hidden      BIGINT NOT NULL DEFAULT 0,
  UNIQUE (source_id, external_id)
);

CREATE TABLE organization (
  id             BIGINT PRIMARY KEY,
  name           TEXT NOT NULL,
  name_from      TEXT NOT NULL DEFAULT '',   -- 'domain', 'record', 'hand': the better source wins
  lifecycle      TEXT NOT NULL DEFAULT '',
  size           BIGINT NOT NULL DEFAULT 0,
  country        TEXT NOT NULL DEFAULT '',
  hidden         BIGINT NOT NULL DEFAULT 0,
  members        BIGINT NOT NULL DEFAULT 0,
  activities     BIGINT NOT NULL DEFAULT 0,
  first_active   BIGINT NOT NULL DEFAULT 0,
  last_active    BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX organization_last ON organization(last_active);

CREATE TABLE organization_domain (
  domain          TEXT PRIMARY KEY,
  organization_id BIGINT NOT NULL REFERENCES organization(id)
);
CREATE INDEX organization_domain_org ON organization_domain(organization_id);

-- How sources call an organization: external id, or lower-case name.
CREATE TABLE organization_ref (
  source_id       BIGINT NOT NULL,
  external_id     TEXT NOT NULL,
  organization_id BIGINT NOT NULL REFERENCES organization(id),
  hash            BIGINT NOT NULL,
  raw_block       BIGINT NOT NULL DEFAULT 0,
  raw_pos         BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (source_id, external_id)
);

CREATE INDEX organization_ref_name ON organization_ref(external_id);

CREATE TABLE member (
  id              BIGINT PRIMARY KEY,
  merged_into     BIGINT NOT NULL DEFAULT 0, -- the member that it is part of now; 0 = itself
  name            TEXT NOT NULL,
  organization_id BIGINT NOT NULL DEFAULT 0,
  title           TEXT NOT NULL DEFAULT '',
  location        TEXT NOT NULL DEFAULT '',
  country         TEXT NOT NULL DEFAULT '',
  avatar_url      TEXT NOT NULL DEFAULT '',
  staff           BIGINT NOT NULL DEFAULT 0,
  bot             BIGINT NOT NULL DEFAULT 0,
  hidden          BIGINT NOT NULL DEFAULT 0,
  contact         BIGINT NOT NULL DEFAULT 0,
  identities      BIGINT NOT NULL DEFAULT 1,
  joined_at       BIGINT NOT NULL DEFAULT 0,
  first_active    BIGINT NOT NULL DEFAULT 0,
  last_active     BIGINT NOT NULL DEFAULT 0,
  activities      BIGINT NOT NULL DEFAULT 0,
  name_set        TEXT NOT NULL DEFAULT '',   -- set by hand; wins over what sources say
  staff_set       BIGINT NOT NULL DEFAULT -1,
  bot_set         BIGINT NOT NULL DEFAULT -1,
  org_set         BIGINT NOT NULL DEFAULT -1
);
CREATE INDEX member_last ON member(last_active) WHERE merged_into = 0;
CREATE INDEX member_org ON member(organization_id) WHERE organization_id > 0;

CREATE TABLE member_tag (
  tag       TEXT NOT NULL,
  member_id BIGINT NOT NULL,
  PRIMARY KEY (tag, member_id)
);
CREATE INDEX member_tag_member ON member_tag(member_id);

CREATE TABLE member_field (
  member_id BIGINT NOT NULL,
  name      TEXT NOT NULL,
  value     TEXT NOT NULL,
  PRIMARY KEY (member_id, name)
);
CREATE INDEX member_field_value ON member_field(name, value);

CREATE TABLE organization_tag (
  tag             TEXT NOT NULL,
  organization_id BIGINT NOT NULL,
  PRIMARY KEY (tag, organization_id)
);

CREATE TABLE organization_field (
  organization_id BIGINT NOT NULL,
  name            TEXT NOT NULL,
  value           TEXT NOT NULL,
  PRIMARY KEY (organization_id, name)
);

CREATE TABLE identity (
  id              BIGINT PRIMARY KEY,
  source_id       BIGINT NOT NULL REFERENCES source(id),
  external_id     TEXT NOT NULL,
  member_id       BIGINT NOT NULL,
  organization_id BIGINT NOT NULL DEFAULT 0,
  handle          TEXT NOT NULL DEFAULT '',
  name            TEXT NOT NULL DEFAULT '',
  bot             BIGINT NOT NULL DEFAULT 0,
  staff           BIGINT NOT NULL DEFAULT 0,
  deleted         BIGINT NOT NULL DEFAULT 0,
  business        BIGINT NOT NULL DEFAULT 0,
  joined_at       BIGINT NOT NULL DEFAULT 0,
  first_active    BIGINT NOT NULL DEFAULT 0,
  last_active     BIGINT NOT NULL DEFAULT 0,
  activities      BIGINT NOT NULL DEFAULT 0,
  version         BIGINT NOT NULL DEFAULT 0, -- grows when what analytics knows of it changes
  match_reason    TEXT NOT NULL DEFAULT '',
  hash            BIGINT NOT NULL,
  raw_block       BIGINT NOT NULL DEFAULT 0,
  raw_pos         BIGINT NOT NULL DEFAULT 0,
  profile         TEXT NOT NULL DEFAULT '{}', -- e-mails, links, avatar, bio, location and so on, as JSON
  UNIQUE (source_id, external_id)
);
CREATE INDEX identity_member ON identity(member_id);
CREATE INDEX identity_version ON identity(version);
CREATE INDEX identity_handle ON identity(lower(handle));

-- What an identity can be recognized by: kind 'email', 'url', 'same', 'claim' (a profile that it links to).
CREATE TABLE identity_key (
  kind        TEXT NOT NULL,
  value       TEXT NOT NULL,
  identity_id BIGINT NOT NULL,
  reason      TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (kind, value, identity_id)
);
CREATE INDEX identity_key_identity ON identity_key(identity_id);

-- Decisions by people and rules: never deleted, only undone.
CREATE TABLE decision (
  id         BIGINT PRIMARY KEY,
  action     TEXT NOT NULL,
  member_id  BIGINT NOT NULL,
  other_id   BIGINT NOT NULL,
  identities TEXT NOT NULL,
  reason     TEXT NOT NULL,
  actor       TEXT NOT NULL,
  at         BIGINT NOT NULL,
  undone_at  BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX decision_member ON decision(member_id);
CREATE INDEX decision_other ON decision(other_id);

-- Pairs that a person kept apart: no rule joins their members again.
CREATE TABLE apart (
  a           BIGINT NOT NULL,
  b           BIGINT NOT NULL,
  decision_id BIGINT NOT NULL,
  PRIMARY KEY (a, b)
);
CREATE INDEX apart_b ON apart(b);

CREATE TABLE business_record (
  id              BIGINT PRIMARY KEY,
  source_id       BIGINT NOT NULL REFERENCES source(id),
  type            TEXT NOT NULL,
  external_id     TEXT NOT NULL,
  name            TEXT NOT NULL DEFAULT '',
  organization_id BIGINT NOT NULL DEFAULT 0,
  identity_id     BIGINT NOT NULL DEFAULT 0,
  stage           TEXT NOT NULL DEFAULT '',
  amount          DOUBLE PRECISION NOT NULL DEFAULT 0,
  currency        TEXT NOT NULL DEFAULT '',
  opened_at       BIGINT NOT NULL DEFAULT 0,
  closed_at       BIGINT NOT NULL DEFAULT 0,
  fields          TEXT NOT NULL DEFAULT '{}',
  hash            BIGINT NOT NULL,
  raw_block       BIGINT NOT NULL DEFAULT 0,
  raw_pos         BIGINT NOT NULL DEFAULT 0,
  UNIQUE (source_id, type, external_id)
);
CREATE INDEX business_record_org ON business_record(organization_id);

CREATE TABLE conversation (
  id                BIGINT PRIMARY KEY,
  source_id         BIGINT NOT NULL REFERENCES source(id),
  thread            TEXT,                        -- the source's key; NULL = cut from chat by time
  channel_id        BIGINT NOT NULL DEFAULT 0,
  title             TEXT NOT NULL DEFAULT '',
  url               TEXT NOT NULL DEFAULT '',
  ignored           BIGINT NOT NULL DEFAULT 0,  -- by the team
  kind              BIGINT NOT NULL DEFAULT 0,
  state             TEXT NOT NULL DEFAULT 'open',
  question          BIGINT NOT NULL DEFAULT 0,
  opened_at         BIGINT NOT NULL DEFAULT 0,
  last_activity     BIGINT NOT NULL DEFAULT 0,
  first_response    BIGINT NOT NULL DEFAULT 0,
  first_staff       BIGINT NOT NULL DEFAULT 0,
  first_member      BIGINT NOT NULL DEFAULT 0,  -- first response by somebody who is not staff
  resolved_at       BIGINT NOT NULL DEFAULT 0,
  author_id         BIGINT NOT NULL DEFAULT 0,  -- identity
  responder_id      BIGINT NOT NULL DEFAULT 0,  -- identity of the first response
  replies           BIGINT NOT NULL DEFAULT 0,
  participants      BIGINT NOT NULL DEFAULT 0,
  version           BIGINT NOT NULL DEFAULT 0,
  UNIQUE (source_id, thread)
);
CREATE INDEX conversation_opened ON conversation(opened_at);
CREATE INDEX conversation_waiting ON conversation(opened_at) WHERE question = 1 AND state = 'open';
CREATE INDEX conversation_author ON conversation(author_id);
CREATE INDEX conversation_version ON conversation(version);

CREATE TABLE activity (
  id              BIGINT PRIMARY KEY,
  source_id       BIGINT NOT NULL REFERENCES source(id),
  external_id     TEXT NOT NULL,
  kind            BIGINT NOT NULL,
  channel_id      BIGINT NOT NULL DEFAULT 0,
  identity_id     BIGINT NOT NULL DEFAULT 0,
  conversation_id BIGINT NOT NULL DEFAULT 0,
  occurred_at     BIGINT NOT NULL,
  edited_at       BIGINT NOT NULL DEFAULT 0,
  deleted         BIGINT NOT NULL DEFAULT 0,
  question        BIGINT NOT NULL DEFAULT 0,
  hash            BIGINT NOT NULL,
  raw_block       BIGINT NOT NULL DEFAULT 0,
  raw_pos         BIGINT NOT NULL DEFAULT 0,
  reply_to        TEXT NOT NULL DEFAULT '',
  mentions        TEXT NOT NULL DEFAULT '',   -- external ids of identities, space-separated
  url             TEXT NOT NULL DEFAULT '',
  title           TEXT NOT NULL DEFAULT '',
  body            TEXT NOT NULL DEFAULT '',
  UNIQUE (source_id, external_id)
);
CREATE INDEX activity_identity ON activity(identity_id, occurred_at);
CREATE INDEX activity_conversation ON activity(conversation_id, occurred_at) WHERE conversation_id > 0;
CREATE INDEX activity_channel ON activity(channel_id, occurred_at);
CREATE INDEX activity_time ON activity(occurred_at);

-- What the source itself says of a conversation: its title, whether it is resolved.
CREATE TABLE thread (
  source_id   BIGINT NOT NULL,
  thread      TEXT NOT NULL,
  state       TEXT NOT NULL,
  title       TEXT NOT NULL,
  url         TEXT NOT NULL,
  resolved_at BIGINT NOT NULL,
  PRIMARY KEY (source_id, thread)
);

-- What has to be computed again: conversations whose state may have changed, identities that have changed since they
-- were first seen, and members and organizations whose sums have.
CREATE TABLE conversation_dirty (conversation_id BIGINT PRIMARY KEY);
CREATE TABLE identity_dirty (identity_id BIGINT PRIMARY KEY);
CREATE TABLE organization_dirty (organization_id BIGINT PRIMARY KEY);

-- Activities that were edited or deleted after they had been stored, for followers that read new ones by id.
CREATE TABLE activity_change (
  seq         BIGINT PRIMARY KEY,
  activity_id BIGINT NOT NULL
);

-- How far each follower of the facts has come.
CREATE TABLE follower (
  name  TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);

-- Full text. Newest first is how results are shown, so that order is the cheap one.
CREATE TABLE activity_search (
  rowid BIGINT PRIMARY KEY,
  words TSVECTOR NOT NULL
);
CREATE INDEX activity_search_words ON activity_search USING gin(words);
CREATE TABLE member_search (
  rowid BIGINT PRIMARY KEY,
  words TSVECTOR NOT NULL
);
CREATE INDEX member_search_words ON member_search USING gin(words);

CREATE TABLE account (
  id            BIGINT PRIMARY KEY,
  email         TEXT NOT NULL UNIQUE,
  name          TEXT NOT NULL DEFAULT '',
  role          TEXT NOT NULL,
  password_hash TEXT NOT NULL DEFAULT '',
  disabled      BIGINT NOT NULL DEFAULT 0,
  created_at    BIGINT NOT NULL,
  last_seen     BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE session (
  token_hash TEXT PRIMARY KEY,
  user_id    BIGINT NOT NULL REFERENCES account(id),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE TABLE api_token (
  id         BIGINT PRIMARY KEY,
  user_id    BIGINT NOT NULL REFERENCES account(id),
  name       TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  scopes     TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL DEFAULT 0,
  last_used  BIGINT NOT NULL DEFAULT 0
);

-- One-time links: the first person's sign-in and invitations.
CREATE TABLE invitation (
  token_hash TEXT PRIMARY KEY,
  email      TEXT NOT NULL,
  role       TEXT NOT NULL,
  actor       TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at    BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE audit (
  id     BIGINT PRIMARY KEY,
  at     BIGINT NOT NULL,
  actor  TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  detail TEXT NOT NULL DEFAULT ''
);
