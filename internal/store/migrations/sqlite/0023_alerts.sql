-- Alerts: what the team wants to be told of, and what they were told. What people say of an alert is one JSON object, since
-- nothing is looked up by a part of it.
CREATE TABLE alert (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL,
  spec        TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  changed_at  INTEGER NOT NULL,
  removed_at  INTEGER NOT NULL DEFAULT 0,
  muted_until INTEGER NOT NULL DEFAULT 0,
  from_id     INTEGER NOT NULL DEFAULT 0,     -- activities up to this one are older than the alert
  version     INTEGER NOT NULL DEFAULT 1,
  looked      INTEGER NOT NULL DEFAULT 0,
  problem     TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX alert_name ON alert(lower(name)) WHERE removed_at = 0;

-- What fitted an alert when it was looked at last.
CREATE TABLE alert_object (
  alert_id  INTEGER NOT NULL REFERENCES alert(id),
  object_id INTEGER NOT NULL,
  PRIMARY KEY (alert_id, object_id)
) WITHOUT ROWID;

CREATE TABLE alert_firing (
  id              INTEGER PRIMARY KEY,
  alert_id        INTEGER NOT NULL REFERENCES alert(id),
  object_kind     TEXT NOT NULL,
  object_id       INTEGER NOT NULL,
  key             TEXT NOT NULL UNIQUE,
  grouped         TEXT NOT NULL DEFAULT '',
  at              INTEGER NOT NULL,
  last_at         INTEGER NOT NULL,
  matches         INTEGER NOT NULL DEFAULT 1,
  activity_id     INTEGER NOT NULL DEFAULT 0,
  conversation_id INTEGER NOT NULL DEFAULT 0,
  member_id       INTEGER NOT NULL DEFAULT 0,
  organization_id INTEGER NOT NULL DEFAULT 0,
  title           TEXT NOT NULL,
  excerpt         TEXT NOT NULL DEFAULT '',
  state           TEXT NOT NULL,              -- 'sent', 'held', 'dropped'
  due_at          INTEGER NOT NULL DEFAULT 0,
  message         TEXT NOT NULL DEFAULT '',   -- its key, without the destination
  useful          INTEGER NOT NULL DEFAULT 0, -- 1 = yes, -1 = no, 0 = nobody said: a decision
  judged_at       INTEGER NOT NULL DEFAULT 0,
  judged_by       TEXT NOT NULL DEFAULT ''
);
CREATE INDEX alert_firing_alert ON alert_firing(alert_id, at);
CREATE INDEX alert_firing_object ON alert_firing(alert_id, object_kind, object_id);
CREATE INDEX alert_firing_group ON alert_firing(alert_id, grouped, at) WHERE grouped <> '';
CREATE INDEX alert_firing_held ON alert_firing(due_at, id) WHERE state = 'held';
CREATE INDEX alert_firing_member ON alert_firing(member_id) WHERE member_id > 0;
