-- Everything that is sent to members and to the team, and what members chose about it.
CREATE TABLE outbox (
  id             BIGINT PRIMARY KEY,
  key            TEXT NOT NULL UNIQUE,
  channel        TEXT NOT NULL,
  purpose        TEXT NOT NULL DEFAULT '',
  origin         TEXT NOT NULL DEFAULT '',     -- what wanted it sent: 'workflow', 'alert', 'survey', ...
  origin_id      BIGINT NOT NULL DEFAULT 0,
  run_id         BIGINT NOT NULL DEFAULT 0,
  step           TEXT NOT NULL DEFAULT '',
  member_id      BIGINT NOT NULL DEFAULT 0,
  recipient      TEXT NOT NULL DEFAULT '',
  destination_id BIGINT NOT NULL DEFAULT 0,
  source         TEXT NOT NULL DEFAULT '',
  thread         TEXT NOT NULL DEFAULT '',
  sender         TEXT NOT NULL DEFAULT '',
  reply_to       TEXT NOT NULL DEFAULT '',
  subject        TEXT NOT NULL DEFAULT '',
  body           TEXT NOT NULL DEFAULT '',
  html           TEXT NOT NULL DEFAULT '',
  data           TEXT NOT NULL DEFAULT '',
  unsubscribe    TEXT NOT NULL DEFAULT '',
  lane           TEXT NOT NULL,
  state          TEXT NOT NULL,
  reason         TEXT NOT NULL DEFAULT '',
  attempts       BIGINT NOT NULL DEFAULT 0,
  created_at     BIGINT NOT NULL,
  next_at        BIGINT NOT NULL DEFAULT 0,
  not_after      BIGINT NOT NULL DEFAULT 0,
  holder         TEXT NOT NULL DEFAULT '',
  lease_until    BIGINT NOT NULL DEFAULT 0,
  approved_by    TEXT NOT NULL DEFAULT '',
  approved_at    BIGINT NOT NULL DEFAULT 0,
  sent_at        BIGINT NOT NULL DEFAULT 0,
  receipt        TEXT NOT NULL DEFAULT '',
  url            TEXT NOT NULL DEFAULT '',
  edited         BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX outbox_due ON outbox(next_at, id) WHERE state = 'queued';
CREATE INDEX outbox_sending ON outbox(lease_until) WHERE state = 'sending';
CREATE INDEX outbox_state ON outbox(state, id);
CREATE INDEX outbox_member ON outbox(member_id, id) WHERE member_id > 0;
CREATE INDEX outbox_origin ON outbox(origin, origin_id, id);
CREATE INDEX outbox_run ON outbox(run_id, id) WHERE run_id > 0;

-- Places where the team hears from Greenroom. The address of a webhook is sealed.
CREATE TABLE destination (
  id         BIGINT PRIMARY KEY,
  name       TEXT NOT NULL,
  channel    TEXT NOT NULL,
  secret     TEXT NOT NULL,
  shown      TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  removed_at BIGINT NOT NULL DEFAULT 0,
  sent_at    BIGINT NOT NULL DEFAULT 0,
  problem    TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX destination_name ON destination(lower(name)) WHERE removed_at = 0;

-- What members chose about being written to: decisions. One row for each account that they had, and one for each mail
-- address, by its digest, which outlasts that the member is erased: who said no once is not written to again.
CREATE TABLE contact_choice (
  id          BIGINT PRIMARY KEY,
  identity_id BIGINT NOT NULL DEFAULT 0,
  address     TEXT NOT NULL DEFAULT '',        -- digest
  purpose     TEXT NOT NULL,                   -- '' = all
  allowed     BIGINT NOT NULL,
  how         TEXT NOT NULL,
  actor       TEXT NOT NULL,
  at          BIGINT NOT NULL
);
CREATE INDEX contact_choice_identity ON contact_choice(identity_id) WHERE identity_id > 0;
CREATE INDEX contact_choice_address ON contact_choice(address) WHERE address <> '';

-- Mail addresses that refused mail, by their digests.
CREATE TABLE mail_bounce (
  address   TEXT PRIMARY KEY,
  permanent BIGINT NOT NULL,
  reason    TEXT NOT NULL,
  times     BIGINT NOT NULL,
  at        BIGINT NOT NULL
);

-- What somebody of the team is to do, and what they are told.
CREATE TABLE task (
  id         BIGINT PRIMARY KEY,
  key        TEXT NOT NULL UNIQUE,
  title      TEXT NOT NULL,
  note       TEXT NOT NULL DEFAULT '',
  link       TEXT NOT NULL DEFAULT '',         -- path in Greenroom, or an address
  origin     TEXT NOT NULL DEFAULT '',
  origin_id  BIGINT NOT NULL DEFAULT 0,
  member_id  BIGINT NOT NULL DEFAULT 0,
  owner      TEXT NOT NULL DEFAULT '',         -- mail address of a user; '' = nobody yet
  due_at     BIGINT NOT NULL DEFAULT 0,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  done_at    BIGINT NOT NULL DEFAULT 0,
  done_by    TEXT NOT NULL DEFAULT ''
);
CREATE INDEX task_owner ON task(owner, due_at) WHERE done_at = 0;
CREATE INDEX task_origin ON task(origin, origin_id);
CREATE INDEX task_member ON task(member_id) WHERE member_id > 0;

CREATE TABLE notice (
  id      BIGINT PRIMARY KEY,
  key     TEXT NOT NULL,
  person  TEXT NOT NULL,                       -- mail address of a user
  kind    TEXT NOT NULL,
  title   TEXT NOT NULL,
  text    TEXT NOT NULL DEFAULT '',
  link    TEXT NOT NULL DEFAULT '',
  at      BIGINT NOT NULL,
  seen_at BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX notice_key ON notice(person, key);
CREATE INDEX notice_person ON notice(person, id);
