-- Träger, schools, rooms, people's settings, agents. {id} is the number an engine gives to each new row.
-- Whole numbers are BIGINT, moments are milliseconds since the epoch, truth values are 0 and 1, JSON is TEXT.

CREATE TABLE traeger (
  id {id},
  name TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL
);

-- The only way from a credential to its Träger before a context exists: certificate fingerprints, hashed tokens.
CREATE TABLE directory (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  PRIMARY KEY (kind, key)
);

CREATE TABLE school (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  name TEXT NOT NULL,
  official_number TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  pupils BIGINT,
  teachers BIGINT,
  is_example BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  UNIQUE (traeger_id, name)
);

CREATE TABLE site (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  name TEXT NOT NULL,
  address TEXT NOT NULL DEFAULT '',
  is_main BIGINT NOT NULL DEFAULT 0,
  UNIQUE (school_id, name)
);

CREATE TABLE building (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  site_id BIGINT REFERENCES site (id),
  name TEXT NOT NULL,
  UNIQUE (school_id, name)
);

CREATE TABLE room (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  building_id BIGINT REFERENCES building (id),
  name TEXT NOT NULL,
  kind TEXT NOT NULL DEFAULT '',
  sockets BIGINT,
  equipment TEXT NOT NULL DEFAULT '',
  UNIQUE (school_id, name)
);

CREATE TABLE setting (
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (traeger_id, school_id, name)
);

CREATE TABLE agent (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  name TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  -- The certificate before the last renewal: it still leads here, in case the renewal's answer got lost.
  previous_fingerprint TEXT NOT NULL DEFAULT '',
  version TEXT NOT NULL DEFAULT '',
  scope TEXT NOT NULL DEFAULT '[]',
  certificate_until BIGINT,
  approved_at BIGINT,
  revoked_at BIGINT,
  last_contact BIGINT,
  last_sequence BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL
);
CREATE INDEX agent_school ON agent (traeger_id, school_id);

CREATE TABLE invitation (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  token_hash TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  needs_approval BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  agent_id BIGINT,
  UNIQUE (traeger_id, token_hash)
);

CREATE TABLE audit_log (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT,
  at BIGINT NOT NULL,
  who TEXT NOT NULL,
  what TEXT NOT NULL,
  subject TEXT NOT NULL,
  before TEXT NOT NULL DEFAULT '',
  after TEXT NOT NULL DEFAULT ''
);
CREATE INDEX audit_subject ON audit_log (traeger_id, subject, id);
CREATE INDEX audit_time ON audit_log (traeger_id, at);
