-- Reports: decisions. What is in body is read whole and never searched by.
CREATE TABLE report (
  id      INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  body    TEXT NOT NULL                        -- JSON of report.Report
);

-- What was made of a report for one period. One for each: that is what makes delivery happen once.
CREATE TABLE report_edition (
  id        INTEGER PRIMARY KEY,
  report_id INTEGER NOT NULL,
  period    TEXT NOT NULL,                     -- such as 2026-10
  state     TEXT NOT NULL,                     -- 'draft', or 'delivered': frozen with its data
  version   INTEGER NOT NULL,
  body      TEXT NOT NULL,                     -- JSON of report.Edition, with its content
  UNIQUE (report_id, period)
);

-- Members whose words are in an edition, so that they are found when the member is erased.
CREATE TABLE report_quote (
  edition_id INTEGER NOT NULL,
  member_id  INTEGER NOT NULL,
  PRIMARY KEY (edition_id, member_id)
) WITHOUT ROWID;
CREATE INDEX report_quote_member ON report_quote(member_id);

-- Links that show an edition without signing in. The link itself is sealed and not stored.
CREATE TABLE report_share (
  id         INTEGER PRIMARY KEY,
  key        TEXT NOT NULL UNIQUE,
  edition_id INTEGER NOT NULL,
  label      TEXT NOT NULL,
  hash       TEXT NOT NULL,                    -- argon2id of its password; '' = none
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER NOT NULL DEFAULT 0,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE INDEX report_share_edition ON report_share(edition_id);

-- Who looked at an edition, by which link.
CREATE TABLE report_opening (
  id         INTEGER PRIMARY KEY,
  edition_id INTEGER NOT NULL,
  share_id   INTEGER NOT NULL DEFAULT 0,       -- 0 = signed in
  who        TEXT NOT NULL,
  what       TEXT NOT NULL,
  at         INTEGER NOT NULL
);
CREATE INDEX report_opening_edition ON report_opening(edition_id, id);

-- Files that mails carry. Mails to several people share what is the same.
CREATE TABLE outbox_file (
  message_id INTEGER NOT NULL,
  place      INTEGER NOT NULL,
  name       TEXT NOT NULL,
  type       TEXT NOT NULL,
  inline_id  TEXT NOT NULL,                    -- '' = an attachment
  digest     TEXT NOT NULL,
  PRIMARY KEY (message_id, place)
) WITHOUT ROWID;
CREATE INDEX outbox_file_digest ON outbox_file(digest);

CREATE TABLE outbox_blob (
  digest TEXT PRIMARY KEY,                     -- SHA-256
  data   BLOB NOT NULL
);
