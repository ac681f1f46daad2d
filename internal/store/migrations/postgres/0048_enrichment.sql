-- What an outside service said of the person of an account: JSON, '' = nothing.
ALTER TABLE identity ADD COLUMN outside TEXT NOT NULL DEFAULT '';

-- What outside services were asked: a row is stored before anything is sent.
CREATE TABLE enrichment_lookup (
  id        BIGINT PRIMARY KEY,
  at        BIGINT NOT NULL,
  member_id BIGINT NOT NULL,
  provider  TEXT NOT NULL,
  actor     TEXT NOT NULL,                     -- '' = nobody, it was done by itself
  addresses BIGINT NOT NULL,                  -- how many were sent
  links     BIGINT NOT NULL,
  outcome   TEXT NOT NULL,                     -- asked, found, nobody, failed
  fields    TEXT NOT NULL DEFAULT '',          -- that it filled, with spaces between
  problem   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX enrichment_lookup_at ON enrichment_lookup(at);
CREATE INDEX enrichment_lookup_member ON enrichment_lookup(member_id, at);
