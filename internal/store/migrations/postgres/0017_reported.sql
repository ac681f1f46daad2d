-- Figures of finished periods as they were when they were first complete. What they rest on is kept with them: the last
-- activity and the last decision of that time, so that a difference can be explained.
CREATE TABLE reported_figure (
  metric   TEXT NOT NULL,
  version  BIGINT NOT NULL,
  by       TEXT NOT NULL,
  zone     TEXT NOT NULL,
  from_at  BIGINT NOT NULL,
  to_at    BIGINT NOT NULL,
  value    TEXT NOT NULL,
  n        BIGINT NOT NULL,
  at       BIGINT NOT NULL,
  activity BIGINT NOT NULL,
  decision BIGINT NOT NULL,
  PRIMARY KEY (metric, version, by, zone, from_at)
);
