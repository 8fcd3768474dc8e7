-- Surveys: what stood in the book when an answer was given, surveys imported at run time, their way through the
-- schools, and what was submitted.

-- Every element that surveys ask for, from when to when it was so, and when the book knew it. Rows are only ever
-- closed. A device's rows hold days, not times, and go with the device (`subject`).
CREATE TABLE survey_note (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL,
  noun TEXT NOT NULL,
  name TEXT NOT NULL,
  subject TEXT NOT NULL DEFAULT '',
  value TEXT NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT,
  recorded_at BIGINT NOT NULL,
  replaced_at BIGINT
);
CREATE INDEX survey_note_school ON survey_note (traeger_id, school_id, valid_from);
CREATE INDEX survey_note_subject ON survey_note (traeger_id, subject);

-- Survey files that a Träger imported; the last row of an id that is not withdrawn holds.
CREATE TABLE survey_file (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  survey TEXT NOT NULL,
  version BIGINT NOT NULL,
  content TEXT NOT NULL,
  who TEXT NOT NULL,
  at BIGINT NOT NULL,
  withdrawn_at BIGINT
);
CREATE INDEX survey_file_id ON survey_file (traeger_id, survey);

-- A survey that a Träger opened for its schools. The file is kept as it was: a later one changes nothing here.
CREATE TABLE survey_run (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  survey TEXT NOT NULL,
  content TEXT NOT NULL,
  as_of BIGINT NOT NULL,
  due BIGINT,
  who TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  submitted_at BIGINT
);

-- How far one school has come with it: open, confirmed, returned, submitted. 0 is the Träger itself.
CREATE TABLE survey_part (
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  run_id BIGINT NOT NULL REFERENCES survey_run (id),
  school_id BIGINT NOT NULL,
  state TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  who TEXT NOT NULL DEFAULT '',
  at BIGINT NOT NULL,
  reminded_at BIGINT,
  PRIMARY KEY (run_id, school_id)
);

-- What was submitted: never changed. `seal` is the SHA-256 over everything before it and the seal before.
CREATE TABLE survey_frozen (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  run_id BIGINT,
  school_id BIGINT NOT NULL,
  survey TEXT NOT NULL,
  as_of BIGINT NOT NULL,
  who TEXT NOT NULL,
  at BIGINT NOT NULL,
  content TEXT NOT NULL,
  seal_before TEXT NOT NULL,
  seal TEXT NOT NULL
);
CREATE INDEX survey_frozen_school ON survey_frozen (traeger_id, school_id, survey, as_of);

-- Which devices stood behind a frozen answer: numbers only, so that a link leads there while the device is held.
CREATE TABLE survey_evidence (
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  frozen_id BIGINT NOT NULL REFERENCES survey_frozen (id),
  question TEXT NOT NULL,
  school_id BIGINT NOT NULL,
  subject TEXT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX survey_evidence_frozen ON survey_evidence (traeger_id, frozen_id);
CREATE INDEX survey_evidence_subject ON survey_evidence (traeger_id, subject);
