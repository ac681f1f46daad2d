-- What lists sort by and filter on, and what a merge has to find: the members that were merged into one before.

CREATE INDEX member_merged ON member(merged_into) WHERE merged_into > 0;
CREATE INDEX member_name ON member(name) WHERE merged_into = 0;
CREATE INDEX member_activities ON member(activities) WHERE merged_into = 0;
CREATE INDEX member_counted ON member(organization_id) WHERE merged_into = 0 AND staff = 0 AND bot = 0 AND hidden = 0 AND contact = 0;
CREATE INDEX activity_kind ON activity(kind, occurred_at, identity_id, source_id) WHERE deleted = 0;
CREATE INDEX activity_question ON activity(occurred_at) WHERE question = 1;
CREATE INDEX conversation_last ON conversation(last_activity);
CREATE INDEX conversation_waits ON conversation((-opened_at)) WHERE question = 1 AND state = 'open';
