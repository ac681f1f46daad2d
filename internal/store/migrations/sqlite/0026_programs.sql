-- Programs: lasting initiatives with members enrolled in them. All of it is what people decided; nothing is derived.
CREATE TABLE program (
  id          INTEGER PRIMARY KEY,
  key         TEXT NOT NULL UNIQUE,            -- how queries name it; never changes
  name        TEXT NOT NULL,
  kind        TEXT NOT NULL,
  state       TEXT NOT NULL,
  owner       TEXT NOT NULL DEFAULT '',
  sponsor     TEXT NOT NULL DEFAULT '',
  approved_by TEXT NOT NULL DEFAULT '',
  approved_at INTEGER NOT NULL DEFAULT 0,
  plan        TEXT NOT NULL,                   -- JSON
  created_by  TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  changed_at  INTEGER NOT NULL,
  started_at  INTEGER NOT NULL DEFAULT 0,
  closed_at   INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX program_name ON program(lower(name));

-- Somebody's time in a program: from since up to but not including until; 0 = it has not ended.
CREATE TABLE program_enrollment (
  id          INTEGER PRIMARY KEY,
  program_id  INTEGER NOT NULL REFERENCES program(id),
  member_id   INTEGER NOT NULL,
  stage       TEXT NOT NULL,
  cohort      TEXT NOT NULL DEFAULT '',
  since       INTEGER NOT NULL,
  until       INTEGER NOT NULL DEFAULT 0,
  reason      TEXT NOT NULL DEFAULT '',
  actor       TEXT NOT NULL,
  left_reason TEXT NOT NULL DEFAULT '',
  left_by     TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX program_enrollment_open ON program_enrollment(program_id, member_id) WHERE until = 0;
CREATE INDEX program_enrollment_member ON program_enrollment(member_id);

-- An enrollment cut into stages: they follow each other without a gap.
CREATE TABLE program_stay (
  id            INTEGER PRIMARY KEY,
  enrollment_id INTEGER NOT NULL REFERENCES program_enrollment(id),
  program_id    INTEGER NOT NULL,
  member_id     INTEGER NOT NULL,
  stage         TEXT NOT NULL,
  since         INTEGER NOT NULL,
  until         INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX program_stay_program ON program_stay(program_id, stage, since);
CREATE INDEX program_stay_enrollment ON program_stay(enrollment_id);
CREATE INDEX program_stay_member ON program_stay(member_id);

CREATE TABLE program_step (
  enrollment_id INTEGER NOT NULL REFERENCES program_enrollment(id),
  stage         TEXT NOT NULL,
  step          TEXT NOT NULL,
  at            INTEGER NOT NULL,
  actor         TEXT NOT NULL,
  PRIMARY KEY (enrollment_id, stage, step)
) WITHOUT ROWID;

CREATE TABLE program_application (
  id         INTEGER PRIMARY KEY,
  program_id INTEGER NOT NULL REFERENCES program(id),
  member_id  INTEGER NOT NULL,
  origin     TEXT NOT NULL,
  answers    TEXT NOT NULL DEFAULT '{}',      -- JSON
  note       TEXT NOT NULL DEFAULT '',
  actor      TEXT NOT NULL,
  at         INTEGER NOT NULL,
  verdict    TEXT NOT NULL,
  reason     TEXT NOT NULL DEFAULT '',
  decided_by TEXT NOT NULL DEFAULT '',
  decided_at INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX program_application_program ON program_application(program_id, verdict);
CREATE INDEX program_application_member ON program_application(member_id);

-- Everything that happened in a program.
CREATE TABLE program_event (
  id         INTEGER PRIMARY KEY,
  program_id INTEGER NOT NULL REFERENCES program(id),
  member_id  INTEGER NOT NULL DEFAULT 0,
  at         INTEGER NOT NULL,
  what       TEXT NOT NULL,
  detail     TEXT NOT NULL DEFAULT '',
  reason     TEXT NOT NULL DEFAULT '',
  actor      TEXT NOT NULL
);
CREATE INDEX program_event_program ON program_event(program_id, id);
CREATE INDEX program_event_member ON program_event(member_id) WHERE member_id > 0;

CREATE TABLE program_spend (
  id         INTEGER PRIMARY KEY,
  program_id INTEGER NOT NULL REFERENCES program(id),
  member_id  INTEGER NOT NULL DEFAULT 0,
  perk       TEXT NOT NULL DEFAULT '',
  amount     INTEGER NOT NULL,                 -- hundredths of the program's currency
  note       TEXT NOT NULL DEFAULT '',
  actor      TEXT NOT NULL,
  at         INTEGER NOT NULL
);
CREATE INDEX program_spend_program ON program_spend(program_id, member_id);

CREATE TABLE program_run (
  id         INTEGER PRIMARY KEY,
  program_id INTEGER NOT NULL REFERENCES program(id),
  name       TEXT NOT NULL,
  at         INTEGER NOT NULL,
  actor      TEXT NOT NULL
);
CREATE UNIQUE INDEX program_run_name ON program_run(program_id, lower(name));

CREATE TABLE program_review (
  id         INTEGER PRIMARY KEY,
  program_id INTEGER NOT NULL REFERENCES program(id),
  decision   TEXT NOT NULL,
  reason     TEXT NOT NULL,
  evidence   TEXT NOT NULL,                    -- JSON
  actor      TEXT NOT NULL,
  at         INTEGER NOT NULL
);
CREATE INDEX program_review_program ON program_review(program_id, id);
