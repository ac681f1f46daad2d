-- What people see of where they are signed in, tells their tokens apart, and says what a link is for.

ALTER TABLE session ADD COLUMN last_seen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN address TEXT NOT NULL DEFAULT '';
CREATE INDEX session_account ON session(user_id);

ALTER TABLE api_token ADD COLUMN hint TEXT NOT NULL DEFAULT '';
ALTER TABLE api_token ADD COLUMN revoked_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX api_token_account ON api_token(user_id);

ALTER TABLE invitation ADD COLUMN kind TEXT NOT NULL DEFAULT 'invite';
ALTER TABLE invitation ADD COLUMN user_id INTEGER NOT NULL DEFAULT 0; -- who comes back; 0 = a new user

CREATE INDEX audit_target ON audit(target, id);
