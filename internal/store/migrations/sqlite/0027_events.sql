-- Events, who comes to them, and what is to be published. Attendance becomes activities by the source of events.
CREATE TABLE event (
  id         INTEGER PRIMARY KEY,
  title      TEXT NOT NULL,
  text       TEXT NOT NULL DEFAULT '',
  kind       TEXT NOT NULL,
  state      TEXT NOT NULL,
  starts_at  INTEGER NOT NULL,
  ends_at    INTEGER NOT NULL,
  zone       TEXT NOT NULL,
  place      TEXT NOT NULL DEFAULT '',
  link       TEXT NOT NULL DEFAULT '',
  capacity   INTEGER NOT NULL DEFAULT 0,
  owner      TEXT NOT NULL DEFAULT '',
  program    TEXT NOT NULL DEFAULT '',         -- key
  sequence   INTEGER NOT NULL DEFAULT 0,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
);
CREATE INDEX event_time ON event(starts_at);

CREATE TABLE event_speaker (
  event_id  INTEGER NOT NULL REFERENCES event(id),
  member_id INTEGER NOT NULL,
  position  INTEGER NOT NULL,
  talk      TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (event_id, member_id)
) WITHOUT ROWID;
CREATE INDEX event_speaker_member ON event_speaker(member_id);

-- Somebody means to come, came, or did not: a member, or an address of whom it is looked up who that is.
CREATE TABLE event_registration (
  id         INTEGER PRIMARY KEY,
  event_id   INTEGER NOT NULL REFERENCES event(id),
  member_id  INTEGER NOT NULL DEFAULT 0,
  name       TEXT NOT NULL DEFAULT '',
  address    TEXT NOT NULL DEFAULT '',
  state      TEXT NOT NULL,
  origin     TEXT NOT NULL,
  at         INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  came       INTEGER NOT NULL DEFAULT 0,
  went       INTEGER NOT NULL DEFAULT 0,
  told       INTEGER NOT NULL DEFAULT 0        -- attendance was told as an activity once
);
CREATE INDEX event_registration_event ON event_registration(event_id, state);
CREATE UNIQUE INDEX event_registration_address ON event_registration(event_id, address) WHERE address <> '';
CREATE UNIQUE INDEX event_registration_member ON event_registration(event_id, member_id) WHERE member_id > 0;
CREATE INDEX event_registration_who ON event_registration(address) WHERE address <> '';
CREATE INDEX event_registration_them ON event_registration(member_id) WHERE member_id > 0;

CREATE TABLE event_import (
  id       INTEGER PRIMARY KEY,
  event_id INTEGER NOT NULL REFERENCES event(id),
  file     TEXT NOT NULL,
  at       INTEGER NOT NULL,
  actor    TEXT NOT NULL,
  lines    INTEGER NOT NULL,
  people   INTEGER NOT NULL,
  came     INTEGER NOT NULL,
  fresh    INTEGER NOT NULL,
  bad      TEXT NOT NULL,                      -- JSON: the first lines that could not be read
  bad_all  INTEGER NOT NULL
);
CREATE INDEX event_import_event ON event_import(event_id);

CREATE TABLE content (
  id           INTEGER PRIMARY KEY,
  title        TEXT NOT NULL,
  text         TEXT NOT NULL DEFAULT '',
  channel      TEXT NOT NULL DEFAULT '',
  status       TEXT NOT NULL,
  owner        TEXT NOT NULL DEFAULT '',
  at           INTEGER NOT NULL DEFAULT 0,     -- when it is to be published
  link         TEXT NOT NULL DEFAULT '',
  event_id     INTEGER NOT NULL DEFAULT 0,
  program      TEXT NOT NULL DEFAULT '',
  published_at INTEGER NOT NULL DEFAULT 0,
  sequence     INTEGER NOT NULL DEFAULT 0,
  created_by   TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  changed_at   INTEGER NOT NULL
);
CREATE INDEX content_time ON content(at);
CREATE INDEX content_status ON content(status, at);

CREATE TABLE content_move (
  id         INTEGER PRIMARY KEY,
  content_id INTEGER NOT NULL REFERENCES content(id),
  was        TEXT NOT NULL,
  status     TEXT NOT NULL,
  actor      TEXT NOT NULL,
  at         INTEGER NOT NULL
);
CREATE INDEX content_move_content ON content_move(content_id, id);

-- Calendars of others. What was read of them can be read again.
CREATE TABLE outside_calendar (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  address    TEXT NOT NULL,                    -- sealed
  shown      TEXT NOT NULL,
  fetched_at INTEGER NOT NULL DEFAULT 0,
  problem    TEXT NOT NULL DEFAULT '',
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX outside_calendar_name ON outside_calendar(lower(name));

CREATE TABLE outside_entry (
  calendar_id INTEGER NOT NULL,
  position    INTEGER NOT NULL,
  starts_at   INTEGER NOT NULL,
  ends_at     INTEGER NOT NULL,
  entry       TEXT NOT NULL,                   -- JSON
  PRIMARY KEY (calendar_id, position)
) WITHOUT ROWID;
CREATE INDEX outside_entry_time ON outside_entry(starts_at);
