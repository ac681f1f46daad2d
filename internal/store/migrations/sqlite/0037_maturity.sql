-- Where the community stands: what people answered, and assessments as they were kept. The result itself is computed.
CREATE TABLE maturity_answer (
  question TEXT NOT NULL,
  person   TEXT NOT NULL,
  level    INTEGER NOT NULL,
  note     TEXT NOT NULL,
  at       INTEGER NOT NULL,
  PRIMARY KEY (question, person)
);

CREATE TABLE maturity_assessment (
  id   INTEGER PRIMARY KEY,
  at   INTEGER NOT NULL,
  body TEXT NOT NULL                           -- JSON of maturity.Assessment
);
