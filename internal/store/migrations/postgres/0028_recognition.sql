-- Answers that somebody of the team thanked for, or that need no thanks: decisions.
CREATE TABLE thanks (
  activity_id BIGINT PRIMARY KEY,
  member_id   BIGINT NOT NULL,                -- who helped
  outcome     TEXT NOT NULL,                   -- 'drafted' or 'marked'
  message_id  BIGINT NOT NULL DEFAULT 0,      -- in the outbox, of what was drafted
  actor       TEXT NOT NULL,
  at          BIGINT NOT NULL
);
CREATE INDEX thanks_member ON thanks(member_id);

-- Milestones that somebody has seen to: decisions. Which there are follows from the facts.
CREATE TABLE milestone_seen (
  member_id  BIGINT NOT NULL,
  kind       TEXT NOT NULL,
  level      BIGINT NOT NULL,
  outcome    TEXT NOT NULL,
  message_id BIGINT NOT NULL DEFAULT 0,
  actor      TEXT NOT NULL,
  at         BIGINT NOT NULL,
  PRIMARY KEY (member_id, kind, level)
);

-- What members wrote that may be quoted, or may not, or was asked for. quote and naming are as they were granted.
CREATE TABLE testimonial (
  id              BIGINT PRIMARY KEY,
  activity_id     BIGINT NOT NULL DEFAULT 0,
  member_id       BIGINT NOT NULL,
  original        TEXT NOT NULL,
  quote           TEXT NOT NULL,
  naming          TEXT NOT NULL DEFAULT '',
  state           TEXT NOT NULL,
  products        TEXT NOT NULL DEFAULT '[]',  -- names, JSON
  url             TEXT NOT NULL DEFAULT '',
  written_at      BIGINT NOT NULL,
  created_at      BIGINT NOT NULL,
  asked_at        BIGINT NOT NULL DEFAULT 0,
  asked_by        TEXT NOT NULL DEFAULT '',
  asks            BIGINT NOT NULL DEFAULT 0,  -- how often they were asked
  expires_at      BIGINT NOT NULL DEFAULT 0,  -- when an ask that was not answered is over
  answered_at     BIGINT NOT NULL DEFAULT 0,
  message_id      BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX testimonial_activity ON testimonial(activity_id) WHERE activity_id > 0;
CREATE INDEX testimonial_member ON testimonial(member_id);
CREATE INDEX testimonial_state ON testimonial(state, id);

-- What happened to a testimonial, each with the exact words: the proof of consent. Only ever added to.
CREATE TABLE testimonial_event (
  id             BIGINT PRIMARY KEY,
  testimonial_id BIGINT NOT NULL,
  what           TEXT NOT NULL,                -- 'asked', 'granted', 'declined', 'withdrawn', 'dismissed', 'restored'
  at             BIGINT NOT NULL,
  actor          TEXT NOT NULL,
  link           TEXT NOT NULL DEFAULT '',     -- digest of the link by which it was said
  quote          TEXT NOT NULL DEFAULT '',
  naming         TEXT NOT NULL DEFAULT '',
  statement      TEXT NOT NULL DEFAULT ''      -- what the member agreed to, as it stood on the page
);
CREATE INDEX testimonial_event_of ON testimonial_event(testimonial_id, id);

CREATE TABLE testimonial_use (
  id             BIGINT PRIMARY KEY,
  testimonial_id BIGINT NOT NULL,
  link           TEXT NOT NULL,
  note           TEXT NOT NULL DEFAULT '',
  used_at        BIGINT NOT NULL,
  actor          TEXT NOT NULL,
  at             BIGINT NOT NULL,
  removed_at     BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX testimonial_use_of ON testimonial_use(testimonial_id, id);

-- What members ask for. Ids are for good: roadmaps link to them.
CREATE TABLE request (
  id           BIGINT PRIMARY KEY,
  title        TEXT NOT NULL,
  body         TEXT NOT NULL DEFAULT '',
  state        TEXT NOT NULL,                  -- 'open', 'planned', 'doing', 'done', 'declined'
  answer       TEXT NOT NULL DEFAULT '',       -- of the team, public
  shown        BIGINT NOT NULL DEFAULT 0,     -- on the public board
  review       BIGINT NOT NULL DEFAULT 0,     -- a member proposed it, and the team has not looked yet
  merged_into  BIGINT NOT NULL DEFAULT 0,
  member_id    BIGINT NOT NULL DEFAULT 0,     -- who proposed it on the public page
  created_by   TEXT NOT NULL,
  created_at   BIGINT NOT NULL,
  changed_at   BIGINT NOT NULL,               -- of its state
  changes      BIGINT NOT NULL DEFAULT 0      -- of its state, counted
);
CREATE INDEX request_merged ON request(merged_into) WHERE merged_into > 0;

-- The messages that ask for it. request_id 0: looked at, asks for nothing.
CREATE TABLE request_activity (
  activity_id BIGINT PRIMARY KEY,
  request_id  BIGINT NOT NULL,
  actor       TEXT NOT NULL,
  at          BIGINT NOT NULL
);
CREATE INDEX request_activity_of ON request_activity(request_id, activity_id);

-- One vote of a member, or of a mail address that no member is known by.
CREATE TABLE request_vote (
  id         BIGINT PRIMARY KEY,
  request_id BIGINT NOT NULL,
  member_id  BIGINT NOT NULL DEFAULT 0,
  address    TEXT NOT NULL DEFAULT '',
  how        TEXT NOT NULL,                    -- 'confirmed by mail', 'link', 'by the team'
  at         BIGINT NOT NULL
);
CREATE UNIQUE INDEX request_vote_member ON request_vote(request_id, member_id) WHERE member_id > 0;
CREATE UNIQUE INDEX request_vote_address ON request_vote(request_id, address) WHERE address <> '';
CREATE INDEX request_vote_of_member ON request_vote(member_id) WHERE member_id > 0;
CREATE INDEX request_vote_of_address ON request_vote(address) WHERE address <> '';
