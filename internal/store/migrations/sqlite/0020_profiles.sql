-- Where a member lives is read off profiles, unless somebody set it: a code, or '-' for nowhere.
ALTER TABLE member ADD COLUMN country_set TEXT NOT NULL DEFAULT '';
UPDATE member SET country_set = country;
