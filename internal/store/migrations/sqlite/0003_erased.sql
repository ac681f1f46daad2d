-- Accounts whose data were erased at the person's request: a digest of the external id, so that importing the same
-- source again does not bring them back.
CREATE TABLE erased (
  source_id INTEGER NOT NULL,
  digest    TEXT NOT NULL,
  erased_at INTEGER NOT NULL,
  PRIMARY KEY (source_id, digest)
) WITHOUT ROWID;
