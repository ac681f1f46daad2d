-- Documents of the knowledge base. What people decide is in body; what the collection said last is in found, so that what
-- somebody changed stays when it is read again. The text is for finding; that of a forum's topic stays with its activity.
CREATE TABLE document (
  id              BIGINT PRIMARY KEY,
  address_key     TEXT NOT NULL UNIQUE,
  public_key      TEXT NOT NULL UNIQUE,        -- in the addresses of the counter and of the question whether it helped
  collection_id   BIGINT NOT NULL DEFAULT 0,
  conversation_id BIGINT NOT NULL DEFAULT 0,
  version         BIGINT NOT NULL,
  body            TEXT NOT NULL,               -- JSON of knowledge.Document
  found           TEXT NOT NULL DEFAULT '',    -- JSON of knowledge.Item
  hash            TEXT NOT NULL DEFAULT '',    -- of what the collection said
  text            TEXT NOT NULL DEFAULT '',
  text_given      BIGINT NOT NULL DEFAULT 0,  -- the text came with the collection, and is not read from its page
  created_at      BIGINT NOT NULL
);
CREATE INDEX document_of_collection ON document(collection_id);
CREATE INDEX document_conversation ON document(conversation_id) WHERE conversation_id > 0;

CREATE TABLE document_event (
  id          BIGINT PRIMARY KEY,
  document_id BIGINT NOT NULL,
  what        TEXT NOT NULL,
  detail      TEXT NOT NULL DEFAULT '',
  actor       TEXT NOT NULL,
  at          BIGINT NOT NULL,
  before      TEXT NOT NULL DEFAULT '',        -- JSON of the document before it, where it can be taken back
  undone_by   TEXT NOT NULL DEFAULT '',
  undone_at   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX document_event_document ON document_event(document_id, id);

-- Where documents are read from.
CREATE TABLE document_collection (
  id    BIGINT PRIMARY KEY,
  way   TEXT NOT NULL,
  place TEXT NOT NULL,
  body  TEXT NOT NULL,                         -- JSON of knowledge.Collection
  UNIQUE (way, place)
);

-- Views and votes: totals of a day, by who counted. Nothing of readers is kept.
CREATE TABLE document_use (
  document_id BIGINT NOT NULL,
  day         TEXT NOT NULL,
  origin      TEXT NOT NULL,
  views       BIGINT NOT NULL DEFAULT 0,
  helpful     BIGINT NOT NULL DEFAULT 0,
  unhelpful   BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (document_id, day, origin)
);
CREATE INDEX document_use_day ON document_use(day);

-- Addresses that documents lead to and addresses of documents, with what the last check said.
CREATE TABLE link (
  id         BIGINT PRIMARY KEY,
  address    TEXT NOT NULL UNIQUE,
  host       TEXT NOT NULL,
  verdict    TEXT NOT NULL DEFAULT '',
  status     BIGINT NOT NULL DEFAULT 0,
  reason     TEXT NOT NULL DEFAULT '',
  leads_to   TEXT NOT NULL DEFAULT '',
  moved      BIGINT NOT NULL DEFAULT 0,
  missing    TEXT NOT NULL DEFAULT '',         -- JSON of the places that are not there
  checked_at BIGINT NOT NULL DEFAULT 0,
  broken_at  BIGINT NOT NULL DEFAULT 0,
  failures   BIGINT NOT NULL DEFAULT 0,
  etag       TEXT NOT NULL DEFAULT '',
  modified   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX link_host ON link(host, id);
CREATE INDEX link_verdict ON link(verdict, id);

CREATE TABLE document_link (
  document_id BIGINT NOT NULL,
  link_id     BIGINT NOT NULL,
  anchor      TEXT NOT NULL DEFAULT '',
  own         BIGINT NOT NULL DEFAULT 0,      -- it is the document's own address
  PRIMARY KEY (document_id, link_id, anchor)
);
CREATE INDEX document_link_link ON document_link(link_id, document_id);

-- Hosts that asked to be left alone for a while.
CREATE TABLE link_pause (
  host   TEXT PRIMARY KEY,
  until  BIGINT NOT NULL,
  reason TEXT NOT NULL
);

CREATE TABLE link_run (
  id         BIGINT PRIMARY KEY,
  started_at BIGINT NOT NULL,
  ended_at   BIGINT NOT NULL DEFAULT 0,
  body       TEXT NOT NULL                     -- JSON of knowledge.Run
);
