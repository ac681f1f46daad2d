-- What the payloads of a source look like, as far as a sample of them tells: the fields that the records of a sort have,
-- with their types. Sample numbers count up, so that a field that came late or has gone is told from one that is rare.
CREATE TABLE shape (
  source_id BIGINT NOT NULL,
  record    TEXT NOT NULL,
  samples   BIGINT NOT NULL,
  PRIMARY KEY (source_id, record)
);

CREATE TABLE shape_field (
  source_id    BIGINT NOT NULL,
  record       TEXT NOT NULL,
  path         TEXT NOT NULL,
  type         TEXT NOT NULL,
  first_sample BIGINT NOT NULL,
  last_sample  BIGINT NOT NULL,
  seen         BIGINT NOT NULL,
  first_at     BIGINT NOT NULL,
  last_at      BIGINT NOT NULL,
  PRIMARY KEY (source_id, record, path, type)
);
