-- What is said of those who may sign in: decisions.
CREATE TABLE team_profile (
  email     TEXT PRIMARY KEY,
  version   BIGINT NOT NULL,
  member_id BIGINT NOT NULL DEFAULT 0,
  muted     TEXT NOT NULL DEFAULT '',          -- kinds of notices, each between commas
  body      TEXT NOT NULL                      -- JSON of team.Profile
);

CREATE TABLE team_absence (
  id         BIGINT PRIMARY KEY,
  person     TEXT NOT NULL,
  stand_in   TEXT NOT NULL DEFAULT '',
  first_day  TEXT NOT NULL,
  last_day   TEXT NOT NULL,
  note       TEXT NOT NULL DEFAULT '',
  begins_at  BIGINT NOT NULL,
  ends_at    BIGINT NOT NULL,
  handed_at  BIGINT NOT NULL DEFAULT 0,
  back_at    BIGINT NOT NULL DEFAULT 0,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX team_absence_open ON team_absence(ends_at) WHERE back_at = 0;

-- What went to a stand-in. state: 0 = is there, 1 = came back, 2 = was done or given to somebody else.
CREATE TABLE team_handover (
  absence_id BIGINT NOT NULL,
  kind       TEXT NOT NULL,                    -- 'task' or 'inbox'
  object_id  BIGINT NOT NULL,
  from_whom  TEXT NOT NULL,
  to_whom    TEXT NOT NULL,
  at         BIGINT NOT NULL,
  state      BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (absence_id, kind, object_id)
);
CREATE INDEX team_handover_object ON team_handover(kind, object_id) WHERE state = 0;

CREATE TABLE team_duty (
  id      BIGINT PRIMARY KEY,
  version BIGINT NOT NULL,
  kind    TEXT NOT NULL,
  subject TEXT NOT NULL,
  body    TEXT NOT NULL                        -- JSON of team.DutyDraft
);
