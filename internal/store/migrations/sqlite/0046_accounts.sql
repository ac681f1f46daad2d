-- What an item of an action is about, what may be done once only, and where it is seen what was made.
ALTER TABLE action_item ADD COLUMN account_id INTEGER NOT NULL DEFAULT 0; -- an organization
ALTER TABLE action_item ADD COLUMN claim TEXT NOT NULL DEFAULT '';
ALTER TABLE action_item ADD COLUMN result TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX action_item_claim ON action_item(claim) WHERE claim <> '';
CREATE INDEX action_item_account ON action_item(account_id) WHERE account_id > 0;

-- Accounts that were compared in a study used to stand by their numbers below zero.
ALTER TABLE proof_unit ADD COLUMN organization_id INTEGER NOT NULL DEFAULT 0;
UPDATE proof_unit SET organization_id = -member_id, member_id = 0 WHERE member_id < 0;
