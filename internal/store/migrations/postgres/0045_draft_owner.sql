-- Whose word a draft waits for: its owner, a mail address of the team. It goes to a stand-in and back like a task.
ALTER TABLE outbox ADD COLUMN owner TEXT NOT NULL DEFAULT '';
UPDATE outbox SET owner = lower(sender) WHERE state = 'draft' AND sender LIKE '%@%';
CREATE INDEX outbox_owner ON outbox(owner, id) WHERE state = 'draft' AND owner <> '';
