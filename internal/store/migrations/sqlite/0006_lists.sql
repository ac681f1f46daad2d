-- What lists leave out is little, and these find it: then a list need not look at each row for it. All are small, since they
-- hold only what is special; channels are few.

CREATE INDEX member_hidden ON member(hidden) WHERE hidden = 1;
CREATE INDEX channel_hidden ON channel(hidden) WHERE hidden = 1;
CREATE INDEX activity_deleted ON activity(deleted) WHERE deleted = 1;
CREATE INDEX channel_name ON channel(lower(name));
CREATE INDEX member_special ON member((hidden | contact | bot | staff)) WHERE (hidden | contact | bot | staff) = 1;
CREATE INDEX member_several ON member(identities) WHERE identities > 1;

-- Members are gone through by their last activity; with what lists filter on beside it, that takes the index alone.
DROP INDEX member_last;
CREATE INDEX member_last ON member(last_active, first_active, activities, identities, organization_id, staff, bot, hidden, contact) WHERE merged_into = 0;
