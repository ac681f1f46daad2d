-- Members who change jobs. What sources told of where an account works, by day: written when a source tells another
-- organization than it did before, or when it tells since when. since is the first day, in UTC, as microseconds; 0 = from
-- the beginning.
CREATE TABLE identity_move (
  identity_id     INTEGER NOT NULL,
  since           INTEGER NOT NULL,
  organization_id INTEGER NOT NULL,                 -- 0 = none
  told            INTEGER NOT NULL DEFAULT 0,       -- 1 = the source gave the day; 0 = it is the day on which the telling was read
  PRIMARY KEY (identity_id, since)
) WITHOUT ROWID;
-- When a source told where the account works, as microseconds. Below 0 = nobody did, and it was read off its e-mail address
-- then; 0 = so, too, at a time that is not known.
ALTER TABLE identity ADD COLUMN organization_at INTEGER NOT NULL DEFAULT 0;
UPDATE identity SET organization_at = 1 WHERE organization_id > 0 AND business = 1;

-- What people say of where members work. A later one of kind 'always' or 'sources' takes all earlier ones out of account.
CREATE TABLE member_organization_set (
  id              INTEGER PRIMARY KEY,
  member_id       INTEGER NOT NULL,
  kind            TEXT NOT NULL,                    -- 'moved', 'always', 'never' or 'sources'
  organization_id INTEGER NOT NULL,                 -- 0 = none
  since           INTEGER NOT NULL DEFAULT 0,       -- of 'moved': the first day, in UTC, as microseconds
  actor           TEXT NOT NULL DEFAULT '',
  at              INTEGER NOT NULL,
  undone_at       INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX member_organization_set_member ON member_organization_set(member_id);
INSERT INTO member_organization_set (id, member_id, kind, organization_id, at) SELECT id, id, 'always', org_set, 0 FROM member WHERE org_set >= 0;

-- Derived: where those members were who have changed jobs. Stints cover all of time and do not overlap; everybody else has
-- none, and was always with member.organization_id.
CREATE TABLE member_stint (
  member_id       INTEGER NOT NULL,
  since           INTEGER NOT NULL,                 -- the first microsecond; 0 = from the beginning
  until           INTEGER NOT NULL,                 -- the microsecond after the last
  organization_id INTEGER NOT NULL,                 -- 0 = none
  seen            INTEGER NOT NULL,                 -- when it is first known of; 0 = not known
  origin          TEXT NOT NULL,                    -- 'hand', 'business', 'source' or 'email'
  dated           TEXT NOT NULL,                    -- how since is known: 'hand', 'told', 'read', 'active' or 'account'
  decision_id     INTEGER NOT NULL DEFAULT 0,       -- of what people say; 0 = nobody
  PRIMARY KEY (member_id, since)
) WITHOUT ROWID;
CREATE INDEX member_stint_organization ON member_stint(organization_id, member_id);
ALTER TABLE member ADD COLUMN moved INTEGER NOT NULL DEFAULT 0; -- 1 = has stints
CREATE INDEX member_moved ON member(id) WHERE moved = 1;
