-- What the identity model found, and what is left for people to judge. Both are derived: the next look at everybody writes
-- them anew. a is the smaller id.
CREATE TABLE match_link (
  a           INTEGER NOT NULL,
  b           INTEGER NOT NULL,
  probability REAL NOT NULL,
  reason      TEXT NOT NULL,              -- in words, for the member's page
  model       TEXT NOT NULL,              -- 'model 2'
  evidence    TEXT NOT NULL,              -- JSON
  found_at    INTEGER NOT NULL,
  PRIMARY KEY (a, b)
) WITHOUT ROWID;
CREATE INDEX match_link_b ON match_link(b);

CREATE TABLE match_suggestion (
  a           INTEGER NOT NULL,
  b           INTEGER NOT NULL,
  probability REAL NOT NULL,
  value       REAL NOT NULL,                -- activity times uncertainty: the order of the queue
  evidence    TEXT NOT NULL,
  PRIMARY KEY (a, b)
) WITHOUT ROWID;
CREATE INDEX match_suggestion_b ON match_suggestion(b);
CREATE INDEX match_suggestion_value ON match_suggestion(value);

-- What people said when they were asked about a pair: decisions, kept for good. verdict is 'same', 'other' or 'later';
-- checked tells that it was a merge of the model, drawn to see how well it does.
CREATE TABLE match_review (
  id          INTEGER PRIMARY KEY,
  a           INTEGER NOT NULL,
  b           INTEGER NOT NULL,
  probability REAL NOT NULL,
  verdict     TEXT NOT NULL,
  checked     INTEGER NOT NULL DEFAULT 0,
  decision_id INTEGER NOT NULL DEFAULT 0,
  batch       INTEGER NOT NULL DEFAULT 0,      -- the first review of those that were judged at once
  actor       TEXT NOT NULL,
  at          INTEGER NOT NULL,
  undone_at   INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX match_review_a ON match_review(a);
CREATE INDEX match_review_b ON match_review(b);

CREATE INDEX decision_undone ON decision(undone_at) WHERE undone_at > 0;
