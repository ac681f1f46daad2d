-- Requests to the language model: what for, by whom, and what they used. cost is in millionths of the team's currency.
CREATE TABLE llm_use (
  id      BIGINT PRIMARY KEY,
  at      BIGINT NOT NULL,
  purpose TEXT NOT NULL,
  model   TEXT NOT NULL,
  input   BIGINT NOT NULL,
  output  BIGINT NOT NULL,
  cost    BIGINT NOT NULL,
  by      TEXT NOT NULL,
  outcome TEXT NOT NULL
);
CREATE INDEX llm_use_at ON llm_use(at);

-- Answers by the hash of the whole request, without names.
CREATE TABLE llm_cache (
  hash    TEXT NOT NULL PRIMARY KEY,
  answer  TEXT NOT NULL,
  expires BIGINT NOT NULL
);
CREATE INDEX llm_cache_expires ON llm_cache(expires);
