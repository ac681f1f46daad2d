-- Studies that members are wanted for, and who was asked. Both are decisions.
CREATE TABLE study (
  id      INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  body    TEXT NOT NULL                        -- JSON of finder.Study
);

CREATE TABLE study_ask (
  id         INTEGER PRIMARY KEY,
  study_id   INTEGER NOT NULL REFERENCES study(id),
  member_id  INTEGER NOT NULL,
  state      TEXT NOT NULL,
  note       TEXT NOT NULL,
  incentive  TEXT NOT NULL,
  message_id INTEGER NOT NULL,
  actor      TEXT NOT NULL,
  at         INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX study_ask_once ON study_ask(study_id, member_id);
CREATE INDEX study_ask_member ON study_ask(member_id);
