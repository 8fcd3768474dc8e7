-- Derived: what each asset is, and what is wrong. Both are rebuilt from the tables before.

CREATE TABLE asset (
  id BIGINT PRIMARY KEY,
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  kind TEXT,
  vendor TEXT,
  model TEXT,
  serial TEXT,
  os_version TEXT,
  hostname TEXT,
  ip TEXT NOT NULL,
  mac TEXT,
  segment TEXT NOT NULL,
  first_seen BIGINT NOT NULL,
  last_seen BIGINT NOT NULL,
  recognition TEXT NOT NULL,
  search TEXT NOT NULL
);
CREATE INDEX asset_school ON asset (traeger_id, school_id, id);
CREATE INDEX asset_kind ON asset (traeger_id, kind, id);
CREATE INDEX asset_mac ON asset (traeger_id, mac);
CREATE INDEX asset_last_seen ON asset (traeger_id, last_seen);

CREATE TABLE finding (
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  rule TEXT NOT NULL,
  subject TEXT NOT NULL,
  severity TEXT NOT NULL,
  evidence TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  closed_at BIGINT,
  unknown_since BIGINT,
  PRIMARY KEY (school_id, rule, subject)
);
CREATE INDEX finding_open ON finding (traeger_id, school_id, closed_at);
CREATE INDEX finding_subject ON finding (traeger_id, subject);

-- Recorded: when each finding opened, changed and closed. Never rebuilt.
CREATE TABLE finding_event (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  rule TEXT NOT NULL,
  subject TEXT NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  severity TEXT NOT NULL,
  evidence TEXT NOT NULL
);
CREATE INDEX finding_event_finding ON finding_event (school_id, rule, subject, id);
CREATE INDEX finding_event_age ON finding_event (traeger_id, at);

-- What people decided about a finding; the last row of a finding holds.
CREATE TABLE decision (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  rule TEXT NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  until BIGINT,
  who TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX decision_finding ON decision (school_id, rule, subject, id);

-- Values over time, of machines and of people: (valid_from, valid_to) is when it was so, (recorded_at, replaced_at)
-- is when the book said so. Rows are only ever closed, so that both "as of" questions keep their answers.
CREATE TABLE value_interval (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  subject TEXT NOT NULL,
  field TEXT NOT NULL,
  source TEXT NOT NULL,
  value TEXT,
  who TEXT NOT NULL DEFAULT '',
  valid_from BIGINT NOT NULL,
  valid_to BIGINT,
  recorded_at BIGINT NOT NULL,
  replaced_at BIGINT
);
CREATE INDEX value_interval_subject ON value_interval (traeger_id, school_id, subject, field, source);
CREATE INDEX value_interval_age ON value_interval (traeger_id, valid_to);
