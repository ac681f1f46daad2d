-- Studies that members are wanted for, and who was asked. Both are decisions.
CREATE TABLE study (
  id      BIGINT PRIMARY KEY,
  version BIGINT NOT NULL,
  body    TEXT NOT NULL                        -- JSON of finder.Study
);

CREATE TABLE study_ask (
  id         BIGINT PRIMARY KEY,
  study_id   BIGINT NOT NULL REFERENCES study(id),
  member_id  BIGINT NOT NULL,
  state      TEXT NOT NULL,
  note       TEXT NOT NULL,
  incentive  TEXT NOT NULL,
  message_id BIGINT NOT NULL,
  actor      TEXT NOT NULL,
  at         BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX study_ask_once ON study_ask(study_id, member_id);
CREATE INDEX study_ask_member ON study_ask(member_id);
