-- Two who change the same at once: the second one is told, and nothing is written over. Links and documents had a version
-- from the beginning.
ALTER TABLE school ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE site ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE building ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE room ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE mail_fact ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
