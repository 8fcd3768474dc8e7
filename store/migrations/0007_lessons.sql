-- What a documented device taught about others, as a person accepted it: how it presents itself, and what it is.

CREATE TABLE lesson (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  system_id BIGINT NOT NULL REFERENCES documented_system (id),
  lesson TEXT NOT NULL,
  accepted_by TEXT NOT NULL,
  accepted_at BIGINT NOT NULL,
  withdrawn_by TEXT,
  withdrawn_at BIGINT
);
CREATE INDEX lesson_school ON lesson (traeger_id, school_id);
