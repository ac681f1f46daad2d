-- What Greenroom does to the outside world: each intent with its items, stored before anything happens.
CREATE TABLE action (
  id          BIGINT PRIMARY KEY,
  key         TEXT NOT NULL UNIQUE,
  kind        TEXT NOT NULL,
  source      TEXT NOT NULL,
  title       TEXT NOT NULL,
  plan        TEXT NOT NULL DEFAULT '{}',
  state       TEXT NOT NULL,
  error       TEXT NOT NULL DEFAULT '',
  created_by  TEXT NOT NULL,
  approved_by TEXT NOT NULL DEFAULT '',
  created_at  BIGINT NOT NULL,
  approved_at BIGINT NOT NULL DEFAULT 0,
  started_at  BIGINT NOT NULL DEFAULT 0,
  finished_at BIGINT NOT NULL DEFAULT 0,
  retry_at    BIGINT NOT NULL DEFAULT 0,
  holder      TEXT NOT NULL DEFAULT '',
  lease_until BIGINT NOT NULL DEFAULT 0,
  items       BIGINT NOT NULL DEFAULT 0,
  done        BIGINT NOT NULL DEFAULT 0,
  unchanged   BIGINT NOT NULL DEFAULT 0,
  failed      BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX action_open ON action(approved_at, id) WHERE state IN ('approved', 'running');

CREATE TABLE action_item (
  action_id BIGINT NOT NULL REFERENCES action(id),
  seq       BIGINT NOT NULL,
  target    TEXT NOT NULL,
  member_id BIGINT NOT NULL DEFAULT 0,
  name      TEXT NOT NULL DEFAULT '',
  before    TEXT NOT NULL DEFAULT '',
  after     TEXT NOT NULL DEFAULT '',
  note      TEXT NOT NULL DEFAULT '',
  link      TEXT NOT NULL DEFAULT '',
  state     TEXT NOT NULL DEFAULT 'waits',
  reason    TEXT NOT NULL DEFAULT '',
  at        BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (action_id, seq)
);
CREATE INDEX action_item_open ON action_item(action_id, seq) WHERE state IN ('waits', 'sent');
CREATE INDEX action_item_member ON action_item(member_id) WHERE member_id > 0;
