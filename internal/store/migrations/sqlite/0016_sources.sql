-- What people set of a member goes with one of its identities when the member becomes part of another: the one that stood
-- for it when it was last decided or set something of it. 0 = the one that the member is called by.
ALTER TABLE member ADD COLUMN anchor INTEGER NOT NULL DEFAULT 0;
UPDATE member SET anchor = coalesce((SELECT min(i.id) FROM identity i WHERE i.member_id = CASE WHEN member.merged_into > 0 THEN member.merged_into ELSE member.id END), 0)
  WHERE NOT EXISTS (SELECT 1 FROM identity i WHERE i.id = member.id AND i.member_id = CASE WHEN member.merged_into > 0 THEN member.merged_into ELSE member.id END);
