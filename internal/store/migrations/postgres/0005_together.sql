-- Which identities are one member follows from what they share and from what people decided. This is what people
-- decided, one row for each link between two identities: a and b are one member, and its id is member_id. A row whose a
-- and b are equal says only how the member of that identity is called. A later decision that says the opposite overrules
-- a row, and gives it back when it is undone.
CREATE TABLE together (
  decision_id BIGINT NOT NULL,
  a           BIGINT NOT NULL,
  b           BIGINT NOT NULL,
  member_id   BIGINT NOT NULL,
  reason      TEXT NOT NULL DEFAULT '',
  overruled   BIGINT NOT NULL DEFAULT 0, -- the decision that says the opposite
  PRIMARY KEY (decision_id, a, b)
);
CREATE INDEX together_a ON together(a);
CREATE INDEX together_b ON together(b);
ALTER TABLE apart ADD COLUMN overruled BIGINT NOT NULL DEFAULT 0;

INSERT INTO together (decision_id, a, b, member_id, reason)
  SELECT d.id, min(i.id), d.other_id, d.member_id, d.reason FROM decision d
  JOIN identity o ON o.id = d.other_id AND o.member_id = d.member_id JOIN identity i ON i.member_id = d.member_id AND i.id <> d.other_id
  WHERE d.action = 'merge' AND d.actor <> 'rule' AND d.undone_at = 0 GROUP BY d.id, d.other_id, d.member_id, d.reason;
INSERT INTO together (decision_id, a, b, member_id)
  SELECT d.id, min(i.id), min(i.id), d.other_id FROM decision d JOIN identity i ON i.member_id = d.other_id
  WHERE d.action = 'split' AND d.actor <> 'rule' AND d.undone_at = 0 GROUP BY d.id, d.other_id;
INSERT INTO together (decision_id, a, b, member_id)
  SELECT d.id, min(i.id), min(i.id), d.member_id FROM decision d JOIN identity i ON i.member_id = d.member_id
  WHERE d.action = 'split' AND d.actor <> 'rule' AND d.undone_at = 0 GROUP BY d.id, d.member_id;

-- Keys that several people share, so that they join nobody: derived from the names of those who have them.
CREATE TABLE shared_key (
  kind  TEXT NOT NULL, -- 'email' or 'profile'
  value TEXT NOT NULL,
  PRIMARY KEY (kind, value)
);

-- Tags and custom fields that people gave to members or took from them. What members have follows from these and from
-- what sources tell of their identities, so that it goes with them when members are merged and split.
CREATE TABLE member_tag_set (
  member_id BIGINT NOT NULL,
  tag       TEXT NOT NULL,
  present   BIGINT NOT NULL, -- 0 = taken away
  PRIMARY KEY (member_id, tag)
);
CREATE TABLE member_field_set (
  member_id BIGINT NOT NULL,
  name      TEXT NOT NULL,
  value     TEXT NOT NULL, -- '' = taken away
  PRIMARY KEY (member_id, name)
);
INSERT INTO member_tag_set (member_id, tag, present) SELECT member_id, tag, 1 FROM member_tag;
INSERT INTO member_field_set (member_id, name, value) SELECT member_id, name, value FROM member_field;
