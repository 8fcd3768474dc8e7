-- Whether the administration made an agent the eyes of all schools: it is told every school's confirmed domains, and
-- what it says of them counts for all.
ALTER TABLE agent ADD COLUMN public_view BIGINT NOT NULL DEFAULT 0;
