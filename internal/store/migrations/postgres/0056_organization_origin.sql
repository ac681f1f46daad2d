-- What a source says of an organization: JSON of its name, lifecycle, size, country, address and fields; '' = it has not told it
-- since this is kept. told_at is when it was stored as it is; 0 = before that was noted.
ALTER TABLE organization_ref ADD COLUMN told TEXT NOT NULL DEFAULT '';
ALTER TABLE organization_ref ADD COLUMN told_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX organization_ref_org ON organization_ref(organization_id);

-- Which source counts for a field of an organization, where somebody has said so: decisions.
CREATE TABLE organization_origin (
  organization_id BIGINT NOT NULL REFERENCES organization(id),
  field           TEXT NOT NULL,
  source_id       BIGINT NOT NULL REFERENCES source(id),
  actor           TEXT NOT NULL,
  at              BIGINT NOT NULL,
  PRIMARY KEY (organization_id, field)
);

-- Accounts of which an outside service said something.
CREATE INDEX identity_outside ON identity(id) WHERE outside <> '';
