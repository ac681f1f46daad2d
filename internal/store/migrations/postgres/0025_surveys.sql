-- What members are asked, who was asked, and what they answered.
CREATE TABLE survey (
  id         BIGINT PRIMARY KEY,
  key        TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  state      TEXT NOT NULL,                    -- 'draft', 'open', 'closed'
  settings   TEXT NOT NULL,                    -- JSON
  version    BIGINT NOT NULL,                 -- of the definition
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  opened_at  BIGINT NOT NULL DEFAULT 0,
  closed_at  BIGINT NOT NULL DEFAULT 0,
  closed_why TEXT NOT NULL DEFAULT ''
);

CREATE TABLE survey_version (
  survey_id  BIGINT NOT NULL,
  version    BIGINT NOT NULL,
  definition TEXT NOT NULL,                    -- JSON
  actor      TEXT NOT NULL,
  at         BIGINT NOT NULL,
  PRIMARY KEY (survey_id, version)
);

-- That somebody was asked. Of an anonymous survey it notes that the invitation was used, and nothing of when or how.
CREATE TABLE survey_invitation (
  id        BIGINT PRIMARY KEY,
  survey_id BIGINT NOT NULL,
  member_id BIGINT NOT NULL,
  key       TEXT NOT NULL,
  channel   TEXT NOT NULL,
  origin    TEXT NOT NULL DEFAULT '',
  origin_id BIGINT NOT NULL DEFAULT 0,
  run_id    BIGINT NOT NULL DEFAULT 0,
  step      TEXT NOT NULL DEFAULT '',
  at        BIGINT NOT NULL,
  answered  BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX survey_invitation_key ON survey_invitation(survey_id, key);
CREATE INDEX survey_invitation_member ON survey_invitation(member_id, at);

CREATE TABLE survey_response (
  id            BIGINT PRIMARY KEY,
  survey_id     BIGINT NOT NULL,
  version       BIGINT NOT NULL,
  invitation_id BIGINT NOT NULL DEFAULT 0,
  member_id     BIGINT NOT NULL DEFAULT 0,
  name          TEXT NOT NULL DEFAULT '',
  email         TEXT NOT NULL DEFAULT '',
  language      TEXT NOT NULL DEFAULT '',
  state         TEXT NOT NULL,                 -- 'partial', 'complete'
  answers       TEXT NOT NULL,                 -- JSON
  started_at    BIGINT NOT NULL,              -- the day alone where the survey is anonymous
  updated_at    BIGINT NOT NULL,
  completed_at  BIGINT NOT NULL DEFAULT 0,
  external      TEXT NOT NULL DEFAULT '',
  seq           BIGINT NOT NULL DEFAULT 0,    -- grows with each complete telling: how far it has become an activity
  deleted       BIGINT NOT NULL DEFAULT 0     -- the rest is empty then
);
CREATE INDEX survey_response_survey ON survey_response(survey_id, id);
CREATE INDEX survey_response_seq ON survey_response(seq) WHERE seq > 0;
CREATE INDEX survey_response_member ON survey_response(member_id) WHERE member_id > 0;
CREATE UNIQUE INDEX survey_response_invitation ON survey_response(invitation_id) WHERE invitation_id > 0;
CREATE UNIQUE INDEX survey_response_external ON survey_response(survey_id, external) WHERE external <> '';

-- Complete answers of members, as queries look for them: value is 'survey/question/answer'.
CREATE TABLE survey_answer (
  response_id BIGINT NOT NULL,
  member_id   BIGINT NOT NULL,
  survey_key  TEXT NOT NULL,
  value       TEXT NOT NULL,
  scale       TEXT NOT NULL DEFAULT '',        -- 'nps', 'csat', 'ces'
  number      BIGINT NOT NULL DEFAULT 0,
  at          BIGINT NOT NULL
);
CREATE INDEX survey_answer_value ON survey_answer(value);
CREATE INDEX survey_answer_member ON survey_answer(member_id);
CREATE INDEX survey_answer_response ON survey_answer(response_id);
CREATE INDEX survey_answer_scale ON survey_answer(scale, number) WHERE scale <> '';
