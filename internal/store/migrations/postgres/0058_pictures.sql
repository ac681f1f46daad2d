-- What members' profile pictures look like. One that was looked at is here, whatever came of it.
CREATE TABLE picture (
  identity_id BIGINT PRIMARY KEY,
  address     TEXT NOT NULL,
  at          BIGINT NOT NULL,
  again       BIGINT NOT NULL,                     -- when it is looked at again
  state       TEXT NOT NULL,                        -- 'told', 'plain', 'none' or 'failed'
  problem     TEXT NOT NULL DEFAULT '',
  hash        BIGINT NOT NULL DEFAULT 0,           -- the 64 bits of the perceptual hash as a signed number; 0 = none
  version     BIGINT NOT NULL DEFAULT 0            -- grows whenever a hash is another one
);
CREATE INDEX picture_version ON picture(version);
CREATE INDEX picture_state ON picture(state, identity_id);
