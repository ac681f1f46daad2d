-- What Greenroom does to the outside world: each intent with its items, stored before anything happens.
CREATE TABLE action (
  id          INTEGER PRIMARY KEY,
  key         TEXT NOT NULL UNIQUE,
  kind        TEXT NOT NULL,
  source      TEXT NOT NULL,
  title       TEXT NOT NULL,
  plan        TEXT NOT NULL DEFAULT '{}',
  state       TEXT NOT NULL,
  error       TEXT NOT NULL DEFAULT '',
  created_by  TEXT NOT NULL,
  approved_by TEXT NOT NULL DEFAULT '',
  created_at  INTEGER NOT NULL,
  approved_at INTEGER NOT NULL DEFAULT 0,
  started_at  INTEGER NOT NULL DEFAULT 0,
  finished_at INTEGER NOT NULL DEFAULT 0,
  retry_at    INTEGER NOT NULL DEFAULT 0,
  holder      TEXT NOT NULL DEFAULT '',
  lease_until INTEGER NOT NULL DEFAULT 0,
  items       INTEGER NOT NULL DEFAULT 0,
  done        INTEGER NOT NULL DEFAULT 0,
  unchanged   INTEGER NOT NULL DEFAULT 0,
  failed      INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX action_open ON action(approved_at, id) WHERE state IN ('approved', 'running');

CREATE TABLE action_item (
  action_id INTEGER NOT NULL REFERENCES action(id),
  seq       INTEGER NOT NULL,
  target    TEXT NOT NULL,
  member_id INTEGER NOT NULL DEFAULT 0,
  name      TEXT NOT NULL DEFAULT '',
  before    TEXT NOT NULL DEFAULT '',
  after     TEXT NOT NULL DEFAULT '',
  note      TEXT NOT NULL DEFAULT '',
  link      TEXT NOT NULL DEFAULT '',
  state     TEXT NOT NULL DEFAULT 'waits',
  reason    TEXT NOT NULL DEFAULT '',
  at        INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (action_id, seq)
) WITHOUT ROWID;
CREATE INDEX action_item_open ON action_item(action_id, seq) WHERE state IN ('waits', 'sent');
CREATE INDEX action_item_member ON action_item(member_id) WHERE member_id > 0;
