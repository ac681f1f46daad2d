-- What stages of a CRM mean: decisions.
CREATE TABLE business_stage (
  source_id INTEGER NOT NULL,
  pipeline  TEXT NOT NULL,                    -- '' = the source has only one
  stage     TEXT NOT NULL,
  state     TEXT NOT NULL,                    -- open, won, lost
  position  INTEGER NOT NULL DEFAULT 0,
  qualified INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (source_id, pipeline, stage)
) WITHOUT ROWID;

-- 1 base = rate currency, as of a day: decisions, typed or imported.
CREATE TABLE currency_rate (
  base     TEXT NOT NULL,
  currency TEXT NOT NULL,
  day      TEXT NOT NULL,                     -- YYYY-MM-DD
  rate     REAL NOT NULL,
  origin   TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (base, currency, day)
) WITHOUT ROWID;

-- What subscriptions brought a month, as it was seen when the source told it: no source tells its past.
CREATE TABLE record_revenue (
  record_id INTEGER NOT NULL REFERENCES business_record(id),
  at        INTEGER NOT NULL,
  mrr       REAL NOT NULL,
  PRIMARY KEY (record_id, at)
) WITHOUT ROWID;

-- What the team decided of an account: decisions. body is JSON of business.Account.
CREATE TABLE business_account (
  organization_id INTEGER PRIMARY KEY,
  owner           TEXT NOT NULL DEFAULT '',   -- a user's address
  follow_up       TEXT NOT NULL DEFAULT '',   -- YYYY-MM-DD
  snoozed         TEXT NOT NULL DEFAULT '',   -- until this day it is in no list
  version         INTEGER NOT NULL,
  body            TEXT NOT NULL
);

CREATE TABLE business_note (
  id              INTEGER PRIMARY KEY,
  organization_id INTEGER NOT NULL,
  at              INTEGER NOT NULL,
  author          TEXT NOT NULL,
  text            TEXT NOT NULL
);
CREATE INDEX business_note_organization ON business_note(organization_id, id);

-- Accounts that were at risk at a look, and whom that was told: so that it is told once, until the account has recovered.
CREATE TABLE business_risk (
  organization_id INTEGER PRIMARY KEY,
  since           INTEGER NOT NULL,
  points          INTEGER NOT NULL,
  reasons         TEXT NOT NULL,              -- as they were told, one a line
  left_at         INTEGER NOT NULL DEFAULT 0  -- 0 = it still is
);
