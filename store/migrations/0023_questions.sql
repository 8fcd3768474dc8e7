-- A question about a system that somebody passed on to whom it concerns: to whom, what was asked, until when an answer is
-- due, and what came of it.
CREATE TABLE question (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  system_id BIGINT NOT NULL REFERENCES documented_system (id) ON DELETE CASCADE,
  version BIGINT NOT NULL DEFAULT 1,
  whom TEXT NOT NULL,
  mail TEXT NOT NULL,
  text TEXT NOT NULL,
  who TEXT NOT NULL,
  at BIGINT NOT NULL,
  due BIGINT NOT NULL,
  answered_at BIGINT,
  answer TEXT NOT NULL DEFAULT ''
);
CREATE INDEX question_school ON question (traeger_id, school_id, due);
CREATE INDEX question_system ON question (traeger_id, system_id);
