-- Of what was told of and is not a message, when that was, once its firing is removed: an alert that tells of somebody only
-- once goes on to know it.
CREATE TABLE alert_told (
  alert_id    BIGINT NOT NULL REFERENCES alert(id),
  object_kind TEXT NOT NULL,
  object_id   BIGINT NOT NULL,
  at          BIGINT NOT NULL,
  PRIMARY KEY (alert_id, object_kind, object_id)
);
CREATE INDEX alert_firing_old ON alert_firing(last_at);
