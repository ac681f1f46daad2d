-- Where the community stands: what people answered, and assessments as they were kept. The result itself is computed.
CREATE TABLE maturity_answer (
  question TEXT NOT NULL,
  person   TEXT NOT NULL,
  level    BIGINT NOT NULL,
  note     TEXT NOT NULL,
  at       BIGINT NOT NULL,
  PRIMARY KEY (question, person)
);

CREATE TABLE maturity_assessment (
  id   BIGINT PRIMARY KEY,
  at   BIGINT NOT NULL,
  body TEXT NOT NULL                           -- JSON of maturity.Assessment
);
