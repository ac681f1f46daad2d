-- Organizations that are one. What people decide is organization_merge; merged_into follows from it. Facts go on saying which
-- organization they were told of: where that is part of another, organization_id is the one that stands for both, and
-- organization_told the one that was told (0 = the same).
ALTER TABLE organization ADD COLUMN merged_into INTEGER NOT NULL DEFAULT 0; -- the organization that it is part of now; 0 = itself
-- What an organization that has parts has without them: JSON of its name, lifecycle, size, country and fields; '' = it has none.
ALTER TABLE organization ADD COLUMN own TEXT NOT NULL DEFAULT '';
CREATE INDEX organization_part ON organization(merged_into) WHERE merged_into > 0;

-- Decisions: gone became part of kept. Never deleted, only undone, and of those that stand each organization is gone once.
CREATE TABLE organization_merge (
  id        INTEGER PRIMARY KEY,
  gone      INTEGER NOT NULL,
  kept      INTEGER NOT NULL,
  reason    TEXT NOT NULL DEFAULT '',
  actor     TEXT NOT NULL,
  at        INTEGER NOT NULL,
  undone_at INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX organization_merge_gone ON organization_merge(gone) WHERE undone_at = 0;
CREATE INDEX organization_merge_kept ON organization_merge(kept);

ALTER TABLE organization_domain ADD COLUMN organization_told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organization_ref ADD COLUMN organization_told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE identity ADD COLUMN organization_told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE identity_move ADD COLUMN organization_told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE business_record ADD COLUMN organization_told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE business_note ADD COLUMN organization_told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member_organization_set ADD COLUMN organization_told INTEGER NOT NULL DEFAULT 0;
CREATE INDEX identity_organization ON identity(organization_id) WHERE organization_id > 0;
CREATE INDEX identity_move_organization ON identity_move(organization_id) WHERE organization_id > 0;

-- The tags that sources gave each organization; organization_tag has those of an organization with all its parts.
CREATE TABLE organization_tag_told (
  organization_id INTEGER NOT NULL,
  tag             TEXT NOT NULL,
  PRIMARY KEY (organization_id, tag)
) WITHOUT ROWID;
INSERT INTO organization_tag_told (organization_id, tag) SELECT organization_id, tag FROM organization_tag;

-- Organizations that people say are not one: such a pair is not suggested again. Decisions.
CREATE TABLE organization_apart (
  id        INTEGER PRIMARY KEY,
  a         INTEGER NOT NULL,
  b         INTEGER NOT NULL,
  reason    TEXT NOT NULL DEFAULT '',
  actor     TEXT NOT NULL,
  at        INTEGER NOT NULL,
  undone_at INTEGER NOT NULL DEFAULT 0
);

-- What kind of organization it is: 'education' where all of its domains are schools'; '' = any other. Derived.
ALTER TABLE organization ADD COLUMN kind TEXT NOT NULL DEFAULT '';
INSERT INTO organization_dirty (organization_id) SELECT id FROM organization WHERE true ON CONFLICT DO NOTHING;

-- Which organization is below which, as people say: decisions. The organizations are those that were named then.
CREATE TABLE organization_parent (
  organization_id INTEGER NOT NULL PRIMARY KEY,
  parent_id       INTEGER NOT NULL,            -- 0 = none
  actor           TEXT NOT NULL,
  at              INTEGER NOT NULL
) WITHOUT ROWID;
ALTER TABLE organization ADD COLUMN parent_id INTEGER NOT NULL DEFAULT 0; -- derived from it, from what sources tell, and from merges; 0 = none
-- The id of the organization above, as the source calls it; '' = it tells of none. What people say holds over it.
ALTER TABLE organization_ref ADD COLUMN parent TEXT NOT NULL DEFAULT '';
CREATE INDEX organization_ref_parent ON organization_ref(source_id, parent) WHERE parent <> '';
CREATE INDEX organization_below ON organization(parent_id) WHERE parent_id > 0;

-- By what the company that a profile names is found among organizations (employer.Companies); '' = it names none.
ALTER TABLE identity ADD COLUMN company TEXT NOT NULL DEFAULT '';
CREATE INDEX identity_company ON identity(company) WHERE company <> '';
-- 'profile' = the organization was read off a profile, since nothing better tells one. Derived.
ALTER TABLE member ADD COLUMN organization_from TEXT NOT NULL DEFAULT '';
-- By which names and labels of domains organizations are found that stand for themselves. Derived.
CREATE TABLE organization_key (
  organization_id INTEGER NOT NULL,
  key             TEXT NOT NULL,
  PRIMARY KEY (organization_id, key)
) WITHOUT ROWID;
CREATE INDEX organization_key_key ON organization_key(key);
