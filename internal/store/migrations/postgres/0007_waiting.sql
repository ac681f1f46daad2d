-- What waits in a channel, the oldest first: the list that whoever looks after a channel opens.
CREATE INDEX conversation_channel_waits ON conversation(channel_id, opened_at) WHERE question = 1 AND state = 'open';
