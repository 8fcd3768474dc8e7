-- How people keep the register up: where they disagree with a device, until when a finding is to be dealt with, who does
-- which task, what the Träger offers, and whom to call.

-- A person's value (`person`) that stays although the device (`subject`) says otherwise (`machine`): it holds until any of
-- the three is another. What the device said goes with the device.
CREATE TABLE kept_value (
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  system_id BIGINT NOT NULL REFERENCES documented_system (id) ON DELETE CASCADE,
  field TEXT NOT NULL,
  subject TEXT NOT NULL,
  person TEXT NOT NULL,
  machine TEXT NOT NULL,
  reason TEXT NOT NULL,
  who TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (system_id, field)
);
CREATE INDEX kept_value_school ON kept_value (traeger_id, school_id);
CREATE INDEX kept_value_subject ON kept_value (traeger_id, subject);

-- The last day for dealing with a finding; it goes on from one decision to the next.
ALTER TABLE decision ADD COLUMN due BIGINT;

-- Who does a task of the catalogue at a school, and how many hundredths of an hour a week; a task without a row is
-- nobody's yet.
CREATE TABLE school_task (
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  task TEXT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  who TEXT NOT NULL DEFAULT '',
  done_by TEXT NOT NULL DEFAULT '',
  priority TEXT NOT NULL DEFAULT '',
  hours BIGINT,
  PRIMARY KEY (school_id, task)
);
CREATE INDEX school_task_school ON school_task (traeger_id, school_id);

-- What the Träger offers to its schools, and what a school says of it.
CREATE TABLE offer (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  version BIGINT NOT NULL DEFAULT 1,
  name TEXT NOT NULL,
  kind TEXT NOT NULL DEFAULT '',
  provider TEXT NOT NULL DEFAULT '',
  description TEXT NOT NULL DEFAULT '',
  ask TEXT NOT NULL DEFAULT ''
);
CREATE INDEX offer_traeger ON offer (traeger_id);

CREATE TABLE offer_use (
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  offer_id BIGINT NOT NULL REFERENCES offer (id) ON DELETE CASCADE,
  state TEXT NOT NULL,
  PRIMARY KEY (school_id, offer_id)
);
CREATE INDEX offer_use_offer ON offer_use (traeger_id, offer_id);

-- Whom to call: a function first, a person where one is named. Without a school it is the Träger's own.
CREATE TABLE contact (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT REFERENCES school (id),
  version BIGINT NOT NULL DEFAULT 1,
  function TEXT NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  phone TEXT NOT NULL DEFAULT '',
  mail TEXT NOT NULL DEFAULT '',
  purpose TEXT NOT NULL DEFAULT ''
);
CREATE INDEX contact_school ON contact (traeger_id, school_id);
