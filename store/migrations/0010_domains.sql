-- Which domains are confirmed as the school's: only those are ever looked up. A domain that was merely seen waits for a
-- person; so far every one came from a scope file or a person.

ALTER TABLE domain ADD COLUMN confirmed_at BIGINT;
ALTER TABLE domain ADD COLUMN confirmed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE domain ADD COLUMN declined_at BIGINT;
UPDATE domain SET confirmed_at = added_at;
CREATE INDEX domain_name ON domain (traeger_id, name);
CREATE INDEX identity_key_value ON identity_key (traeger_id, kind, value);
