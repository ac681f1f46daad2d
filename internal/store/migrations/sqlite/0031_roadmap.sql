-- Plans and their tasks: decisions. What is in body is read whole and never searched by; dates are computed, not stored.
CREATE TABLE plan (
  id      INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  body    TEXT NOT NULL                        -- JSON of roadmap.Plan
);

CREATE TABLE plan_task (
  id      INTEGER PRIMARY KEY,
  plan_id INTEGER NOT NULL,
  place   INTEGER NOT NULL,
  version INTEGER NOT NULL,
  body    TEXT NOT NULL                        -- JSON of roadmap.Task
);
CREATE INDEX plan_task_plan ON plan_task(plan_id, place, id);

-- The history: what was changed together, and every version of what it changed.
CREATE TABLE plan_step (
  id      INTEGER PRIMARY KEY,
  plan_id INTEGER NOT NULL,
  what    TEXT NOT NULL,
  actor   TEXT NOT NULL,
  at      INTEGER NOT NULL,
  undoes  INTEGER NOT NULL DEFAULT 0,          -- the step that this one takes back
  undone  INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX plan_step_plan ON plan_step(plan_id, id);

CREATE TABLE plan_version (
  step_id INTEGER NOT NULL,
  plan_id INTEGER NOT NULL,
  task_id INTEGER NOT NULL,                    -- 0 = the plan itself
  version INTEGER NOT NULL,
  body    TEXT NOT NULL,
  PRIMARY KEY (plan_id, task_id, version)
);
CREATE INDEX plan_version_step ON plan_version(step_id);
