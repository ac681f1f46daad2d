-- What the team decided about conversations that wait: decisions, kept by the id of the conversation, which outlasts that
-- derived state is computed again. A conversation without a row is one that nobody has touched.
CREATE TABLE inbox_item (
  conversation_id BIGINT PRIMARY KEY,
  owner           TEXT NOT NULL DEFAULT '',     -- mail address of a user
  why             TEXT NOT NULL DEFAULT '',
  snoozed_at      BIGINT NOT NULL DEFAULT 0,
  snoozed_until   BIGINT NOT NULL DEFAULT 0,   -- 0 with snoozed_at = until somebody writes
  until_reply     BIGINT NOT NULL DEFAULT 0,
  seen_last       BIGINT NOT NULL DEFAULT 0,   -- the last message in it when it was put to sleep
  done_at         BIGINT NOT NULL DEFAULT 0,
  done_by         TEXT NOT NULL DEFAULT '',
  elsewhere       TEXT NOT NULL DEFAULT '',
  reopened_at     BIGINT NOT NULL DEFAULT 0,
  merged_into     BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX inbox_item_done ON inbox_item(done_at);

-- Who did what. before is the state before, as JSON, where the state was changed: what undoes it.
CREATE TABLE inbox_event (
  id              BIGINT PRIMARY KEY,
  conversation_id BIGINT NOT NULL,
  what            TEXT NOT NULL,
  actor           TEXT NOT NULL,
  detail          TEXT NOT NULL DEFAULT '',
  note            TEXT NOT NULL DEFAULT '',
  asked_id        BIGINT NOT NULL DEFAULT 0,   -- member who was asked to help
  message_id      BIGINT NOT NULL DEFAULT 0,   -- in the outbox
  turn            TEXT NOT NULL DEFAULT '',     -- mail address of whom it was given to because it was their turn
  before          TEXT NOT NULL DEFAULT '',
  at              BIGINT NOT NULL,
  undone_at       BIGINT NOT NULL DEFAULT 0,
  undone_by       TEXT NOT NULL DEFAULT ''
);
CREATE INDEX inbox_event_conversation ON inbox_event(conversation_id, id);
CREATE INDEX inbox_event_asked ON inbox_event(asked_id, at) WHERE asked_id > 0;
CREATE INDEX inbox_event_turn ON inbox_event(turn, at) WHERE turn <> '';

-- What happens once only, such as a rule of escalation to a conversation.
CREATE TABLE inbox_once (
  name TEXT PRIMARY KEY,
  at   BIGINT NOT NULL
);
