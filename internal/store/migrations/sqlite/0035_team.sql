-- What is said of those who may sign in: decisions.
CREATE TABLE team_profile (
  email     TEXT PRIMARY KEY,
  version   INTEGER NOT NULL,
  member_id INTEGER NOT NULL DEFAULT 0,
  muted     TEXT NOT NULL DEFAULT '',          -- kinds of notices, each between commas
  body      TEXT NOT NULL                      -- JSON of team.Profile
) WITHOUT ROWID;

CREATE TABLE team_absence (
  id         INTEGER PRIMARY KEY,
  person     TEXT NOT NULL,
  stand_in   TEXT NOT NULL DEFAULT '',
  first_day  TEXT NOT NULL,
  last_day   TEXT NOT NULL,
  note       TEXT NOT NULL DEFAULT '',
  begins_at  INTEGER NOT NULL,
  ends_at    INTEGER NOT NULL,
  handed_at  INTEGER NOT NULL DEFAULT 0,
  back_at    INTEGER NOT NULL DEFAULT 0,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE INDEX team_absence_open ON team_absence(ends_at) WHERE back_at = 0;

-- What went to a stand-in. state: 0 = is there, 1 = came back, 2 = was done or given to somebody else.
CREATE TABLE team_handover (
  absence_id INTEGER NOT NULL,
  kind       TEXT NOT NULL,                    -- 'task' or 'inbox'
  object_id  INTEGER NOT NULL,
  from_whom  TEXT NOT NULL,
  to_whom    TEXT NOT NULL,
  at         INTEGER NOT NULL,
  state      INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (absence_id, kind, object_id)
) WITHOUT ROWID;
CREATE INDEX team_handover_object ON team_handover(kind, object_id) WHERE state = 0;

CREATE TABLE team_duty (
  id      INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  kind    TEXT NOT NULL,
  subject TEXT NOT NULL,
  body    TEXT NOT NULL                        -- JSON of team.DutyDraft
);
