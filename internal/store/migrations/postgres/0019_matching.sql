-- What the identity model found, and what is left for people to judge. Both are derived: the next look at everybody writes
-- them anew. a is the smaller id.
CREATE TABLE match_link (
  a           BIGINT NOT NULL,
  b           BIGINT NOT NULL,
  probability DOUBLE PRECISION NOT NULL,
  reason      TEXT NOT NULL,              -- in words, for the member's page
  model       TEXT NOT NULL,              -- 'model 2'
  evidence    TEXT NOT NULL,              -- JSON
  found_at    BIGINT NOT NULL,
  PRIMARY KEY (a, b)
);
CREATE INDEX match_link_b ON match_link(b);

CREATE TABLE match_suggestion (
  a           BIGINT NOT NULL,
  b           BIGINT NOT NULL,
  probability DOUBLE PRECISION NOT NULL,
  value       DOUBLE PRECISION NOT NULL,                -- activity times uncertainty: the order of the queue
  evidence    TEXT NOT NULL,
  PRIMARY KEY (a, b)
);
CREATE INDEX match_suggestion_b ON match_suggestion(b);
CREATE INDEX match_suggestion_value ON match_suggestion(value);

-- What people said when they were asked about a pair: decisions, kept for good. verdict is 'same', 'other' or 'later';
-- checked tells that it was a merge of the model, drawn to see how well it does.
CREATE TABLE match_review (
  id          BIGINT PRIMARY KEY,
  a           BIGINT NOT NULL,
  b           BIGINT NOT NULL,
  probability DOUBLE PRECISION NOT NULL,
  verdict     TEXT NOT NULL,
  checked     BIGINT NOT NULL DEFAULT 0,
  decision_id BIGINT NOT NULL DEFAULT 0,
  batch       BIGINT NOT NULL DEFAULT 0,      -- the first review of those that were judged at once
  actor       TEXT NOT NULL,
  at          BIGINT NOT NULL,
  undone_at   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX match_review_a ON match_review(a);
CREATE INDEX match_review_b ON match_review(b);

CREATE INDEX decision_undone ON decision(undone_at) WHERE undone_at > 0;
