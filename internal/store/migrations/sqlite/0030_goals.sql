-- Goals and key results: decisions. What is in body is read with the goal and never searched by; figures are not stored,
-- but for those that were seen in a check-in.
CREATE TABLE goal (
  id         INTEGER PRIMARY KEY,
  parent_id  INTEGER NOT NULL DEFAULT 0,
  state      TEXT NOT NULL,
  version    INTEGER NOT NULL,
  body       TEXT NOT NULL,                    -- JSON of goal.Goal
  created_at INTEGER NOT NULL
);
CREATE INDEX goal_parent ON goal(parent_id);

CREATE TABLE goal_check_in (
  id         INTEGER PRIMARY KEY,
  goal_id    INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  actor      TEXT NOT NULL,
  confidence INTEGER NOT NULL,
  note       TEXT NOT NULL,
  status     TEXT NOT NULL,
  value      REAL                              -- the key result's figure then
);
CREATE INDEX goal_check_in_goal ON goal_check_in(goal_id, id);
