-- What stages of a CRM mean: decisions.
CREATE TABLE business_stage (
  source_id BIGINT NOT NULL,
  pipeline  TEXT NOT NULL,                    -- '' = the source has only one
  stage     TEXT NOT NULL,
  state     TEXT NOT NULL,                    -- open, won, lost
  position  BIGINT NOT NULL DEFAULT 0,
  qualified BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (source_id, pipeline, stage)
);

-- 1 base = rate currency, as of a day: decisions, typed or imported.
CREATE TABLE currency_rate (
  base     TEXT NOT NULL,
  currency TEXT NOT NULL,
  day      TEXT NOT NULL,                     -- YYYY-MM-DD
  rate     DOUBLE PRECISION NOT NULL,
  origin   TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (base, currency, day)
);

-- What subscriptions brought a month, as it was seen when the source told it: no source tells its past.
CREATE TABLE record_revenue (
  record_id BIGINT NOT NULL REFERENCES business_record(id),
  at        BIGINT NOT NULL,
  mrr       DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (record_id, at)
);

-- What the team decided of an account: decisions. body is JSON of business.Account.
CREATE TABLE business_account (
  organization_id BIGINT PRIMARY KEY,
  owner           TEXT NOT NULL DEFAULT '',   -- a user's address
  follow_up       TEXT NOT NULL DEFAULT '',   -- YYYY-MM-DD
  snoozed         TEXT NOT NULL DEFAULT '',   -- until this day it is in no list
  version         BIGINT NOT NULL,
  body            TEXT NOT NULL
);

CREATE TABLE business_note (
  id              BIGINT PRIMARY KEY,
  organization_id BIGINT NOT NULL,
  at              BIGINT NOT NULL,
  author          TEXT NOT NULL,
  text            TEXT NOT NULL
);
CREATE INDEX business_note_organization ON business_note(organization_id, id);

-- Accounts that were at risk at a look, and whom that was told: so that it is told once, until the account has recovered.
CREATE TABLE business_risk (
  organization_id BIGINT PRIMARY KEY,
  since           BIGINT NOT NULL,
  points          BIGINT NOT NULL,
  reasons         TEXT NOT NULL,              -- as they were told, one a line
  left_at         BIGINT NOT NULL DEFAULT 0  -- 0 = it still is
);
