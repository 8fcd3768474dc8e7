-- What people typed: the register of documented systems, documents, links, survey answers.

CREATE TABLE documented_system (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  version BIGINT NOT NULL DEFAULT 1,
  kind TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL,
  purpose TEXT NOT NULL DEFAULT '',
  room_id BIGINT REFERENCES room (id),
  owner TEXT NOT NULL DEFAULT '',
  deputy TEXT NOT NULL DEFAULT '',
  provider TEXT NOT NULL DEFAULT '',
  first_level TEXT NOT NULL DEFAULT '',
  second_level TEXT NOT NULL DEFAULT '',
  hotline TEXT NOT NULL DEFAULT '',
  contract TEXT NOT NULL DEFAULT '',
  contract_from TEXT,
  contract_until TEXT,
  notice_until TEXT,
  sla_hours TEXT NOT NULL DEFAULT '',
  sla_reaction_hours BIGINT,
  credentials_kind TEXT NOT NULL DEFAULT '',
  credentials_place TEXT NOT NULL DEFAULT '',
  credentials_deputy TEXT NOT NULL DEFAULT '',
  credentials_checked TEXT,
  purchased TEXT,
  warranty_until TEXT,
  insurance TEXT NOT NULL DEFAULT '',
  licence_until TEXT,
  personal_data BIGINT,
  segment TEXT NOT NULL DEFAULT '',
  domain TEXT NOT NULL DEFAULT '',
  serial TEXT NOT NULL DEFAULT '',
  mac TEXT NOT NULL DEFAULT '',
  changed_by TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT 'in-use',
  notes TEXT NOT NULL DEFAULT '',
  asset_id BIGINT,
  search TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX documented_system_school ON documented_system (traeger_id, school_id, name);
CREATE INDEX documented_system_asset ON documented_system (traeger_id, asset_id);

CREATE TABLE link (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  site_id BIGINT REFERENCES site (id),
  technology TEXT NOT NULL DEFAULT '',
  down_mbit BIGINT,
  up_mbit BIGINT,
  status TEXT NOT NULL DEFAULT 'active',
  role TEXT NOT NULL DEFAULT 'primary',
  provider TEXT NOT NULL DEFAULT '',
  version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX link_school ON link (traeger_id, school_id);

CREATE TABLE document (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  dated TEXT,
  place TEXT NOT NULL DEFAULT '',
  version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX document_school ON document (traeger_id, school_id);

CREATE TABLE domain (
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  name TEXT NOT NULL,
  added_at BIGINT NOT NULL,
  PRIMARY KEY (school_id, name)
);

-- One row per answer given: the machine's and the person's stand beside each other, old ones are kept.
CREATE TABLE answer (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  survey TEXT NOT NULL,
  question TEXT NOT NULL,
  source TEXT NOT NULL,
  value TEXT NOT NULL,
  comment TEXT NOT NULL DEFAULT '',
  evidence TEXT NOT NULL DEFAULT '[]',
  who TEXT NOT NULL DEFAULT '',
  valid_from BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  replaced_at BIGINT
);
CREATE INDEX answer_question ON answer (traeger_id, school_id, survey, question, source);

CREATE TABLE deletion_proof (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  at BIGINT NOT NULL,
  what TEXT NOT NULL,
  older_than BIGINT NOT NULL,
  rows_deleted BIGINT NOT NULL
);
CREATE INDEX deletion_proof_time ON deletion_proof (traeger_id, at);
