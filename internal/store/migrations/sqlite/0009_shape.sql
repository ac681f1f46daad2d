-- What the payloads of a source look like, as far as a sample of them tells: the fields that the records of a sort have,
-- with their types. Sample numbers count up, so that a field that came late or has gone is told from one that is rare.
CREATE TABLE shape (
  source_id INTEGER NOT NULL,
  record    TEXT NOT NULL,
  samples   INTEGER NOT NULL,
  PRIMARY KEY (source_id, record)
) WITHOUT ROWID;

CREATE TABLE shape_field (
  source_id    INTEGER NOT NULL,
  record       TEXT NOT NULL,
  path         TEXT NOT NULL,
  type         TEXT NOT NULL,
  first_sample INTEGER NOT NULL,
  last_sample  INTEGER NOT NULL,
  seen         INTEGER NOT NULL,
  first_at     INTEGER NOT NULL,
  last_at      INTEGER NOT NULL,
  PRIMARY KEY (source_id, record, path, type)
) WITHOUT ROWID;
