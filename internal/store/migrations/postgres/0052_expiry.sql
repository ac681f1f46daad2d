-- What was removed of a source because its platform's terms let nobody keep it for longer: numbers only, by the day (in UTC)
-- on which it was done, or told where it is a profile.
CREATE TABLE expired (
  source_id BIGINT NOT NULL REFERENCES source(id),
  what      TEXT NOT NULL,                    -- the name of a kind of activity, 'accounts' or 'profiles'
  day       BIGINT NOT NULL,
  count     BIGINT NOT NULL,
  PRIMARY KEY (source_id, what, day)
);
