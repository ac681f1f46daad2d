-- What a judge makes of every message. Derived: it can be thrown away and read again. category, sentiment and urgency are
-- what holds, a correction before what was read. changed grows with each write, for those who follow.
CREATE TABLE reading (
  activity_id    INTEGER PRIMARY KEY,
  category       INTEGER NOT NULL,
  sentiment      INTEGER NOT NULL,
  urgency        INTEGER NOT NULL,
  question       INTEGER NOT NULL,
  language       TEXT NOT NULL,
  strength       REAL NOT NULL,
  read_category  INTEGER NOT NULL,
  category_p     REAL NOT NULL,
  read_sentiment INTEGER NOT NULL,
  sentiment_p    REAL NOT NULL,
  judge          INTEGER NOT NULL,
  changed        INTEGER NOT NULL
);
-- Most messages are talk, neutral, not urgent and English: the indexes leave these out. A condition that is to use one
-- repeats the index's own.
CREATE INDEX reading_category ON reading(category, activity_id) WHERE category BETWEEN 1 AND 7;
CREATE INDEX reading_sentiment ON reading(sentiment, activity_id) WHERE sentiment IN (1, 3);
CREATE INDEX reading_urgency ON reading(urgency, activity_id) WHERE urgency > 0;
CREATE INDEX reading_language ON reading(language, activity_id) WHERE language <> 'en';
CREATE INDEX reading_changed ON reading(changed, activity_id);

-- The judges that have read, by what they call their version.
CREATE TABLE reading_judge (
  id      INTEGER PRIMARY KEY,
  version TEXT NOT NULL UNIQUE
);

-- Corrections by people: decisions, never deleted but with the message itself, only undone. The last one of a message that
-- was not undone holds; 0 leaves what was read.
CREATE TABLE reading_set (
  id          INTEGER PRIMARY KEY,
  activity_id INTEGER NOT NULL,
  category    INTEGER NOT NULL,
  sentiment   INTEGER NOT NULL,
  actor       TEXT NOT NULL,
  at          INTEGER NOT NULL,
  undone_at   INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX reading_set_activity ON reading_set(activity_id, id);

-- Models trained on the team's corrections. None is active: the base model reads.
CREATE TABLE text_model (
  id          INTEGER PRIMARY KEY,
  version     TEXT NOT NULL,
  base        TEXT NOT NULL,
  data        BLOB NOT NULL,
  trained_at  INTEGER NOT NULL,
  actor       TEXT NOT NULL,
  corrections INTEGER NOT NULL,
  figures     TEXT NOT NULL,
  active      INTEGER NOT NULL DEFAULT 0
);

-- The activity that opened a conversation, 0 where it was not imported: what it says is what the conversation is about.
ALTER TABLE conversation ADD COLUMN opening_id INTEGER NOT NULL DEFAULT 0;
CREATE INDEX conversation_opening ON conversation(opening_id) WHERE opening_id > 0;
INSERT INTO conversation_dirty (conversation_id) SELECT id FROM conversation WHERE id > 0 ON CONFLICT DO NOTHING;
