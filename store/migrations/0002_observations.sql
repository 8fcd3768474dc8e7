-- What agents said, and which device each statement is about. Days only: no table holds the time of day
-- at which a device was present (promise P6).

CREATE TABLE batch (
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  agent_id BIGINT NOT NULL REFERENCES agent (id),
  sequence BIGINT NOT NULL,
  day BIGINT NOT NULL,
  PRIMARY KEY (agent_id, sequence)
);

-- A number for every asset that ever was, kept for good: assets are derived, their numbers are not.
CREATE TABLE asset_identity (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  merged_into BIGINT
);
CREATE INDEX asset_identity_school ON asset_identity (traeger_id, school_id);

-- Keys that name a device, and the asset each belongs to. The first owner is never changed; the present one is the
-- first one with every identity event replayed. A weak key (an address) gets a new generation when it moves on.
CREATE TABLE identity_key (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  generation BIGINT NOT NULL DEFAULT 1,
  origin_asset BIGINT,
  asset_id BIGINT,
  shared BIGINT NOT NULL DEFAULT 0,
  first_seen BIGINT NOT NULL,
  UNIQUE (school_id, kind, value, generation)
);
CREATE INDEX identity_key_asset ON identity_key (traeger_id, asset_id);

CREATE TABLE identity_event (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  at BIGINT NOT NULL,
  who TEXT NOT NULL,
  kind TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  moves TEXT NOT NULL,
  asset_id BIGINT NOT NULL,
  reverses BIGINT
);
CREATE INDEX identity_event_school ON identity_event (traeger_id, school_id, id);

-- Evidence that fits several assets: none was taken. `key_id` is the key its observations wait under.
CREATE TABLE ambiguity (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  key_id BIGINT NOT NULL REFERENCES identity_key (id),
  candidates TEXT NOT NULL,
  reason TEXT NOT NULL,
  at BIGINT NOT NULL,
  settled_at BIGINT,
  UNIQUE (key_id)
);

-- `place` is where in the agent's own sequence a statement was last confirmed: it orders statements and rounds, and
-- tells no time.
CREATE TABLE observation (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  agent_id BIGINT NOT NULL REFERENCES agent (id),
  sequence BIGINT NOT NULL,
  position BIGINT NOT NULL,
  key_id BIGINT NOT NULL REFERENCES identity_key (id),
  ip TEXT NOT NULL,
  mac TEXT,
  provenance TEXT,
  segment TEXT NOT NULL,
  probe TEXT NOT NULL,
  slot TEXT NOT NULL,
  day BIGINT NOT NULL,
  last_confirmed BIGINT NOT NULL,
  place BIGINT NOT NULL,
  fields TEXT NOT NULL,
  UNIQUE (agent_id, sequence, position)
);
CREATE INDEX observation_key ON observation (key_id);
CREATE INDEX observation_age ON observation (traeger_id, last_confirmed);
CREATE INDEX observation_mac ON observation (traeger_id, mac);

-- Derived: the statement that holds now for each key, agent, address, probe and slot.
CREATE TABLE present (
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL,
  key_id BIGINT NOT NULL,
  agent_id BIGINT NOT NULL,
  ip TEXT NOT NULL,
  probe TEXT NOT NULL,
  slot TEXT NOT NULL,
  observation_id BIGINT NOT NULL,
  PRIMARY KEY (key_id, agent_id, ip, probe, slot)
);
CREATE INDEX present_school ON present (traeger_id, school_id);
CREATE INDEX present_observation ON present (observation_id);

-- Counters: one sample a day.
CREATE TABLE sample (
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL,
  key_id BIGINT NOT NULL,
  field TEXT NOT NULL,
  day BIGINT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (key_id, field, day)
);
CREATE INDEX sample_age ON sample (traeger_id, day);

-- Rounds: which segment each walk covered, by which probes.
CREATE TABLE coverage (
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  agent_id BIGINT NOT NULL REFERENCES agent (id),
  segment TEXT NOT NULL,
  network TEXT NOT NULL,
  started BIGINT NOT NULL,
  ended BIGINT NOT NULL,
  probes TEXT NOT NULL,
  complete BIGINT NOT NULL,
  place BIGINT NOT NULL,
  begins_after BIGINT NOT NULL,
  PRIMARY KEY (agent_id, segment, network, place)
);
CREATE INDEX coverage_school ON coverage (traeger_id, school_id, segment, ended);

-- Derived: when each probe last covered each segment to the end.
CREATE TABLE covered (
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL,
  agent_id BIGINT NOT NULL,
  segment TEXT NOT NULL,
  network TEXT NOT NULL,
  probe TEXT NOT NULL,
  ended BIGINT NOT NULL,
  place BIGINT NOT NULL,
  begins_after BIGINT NOT NULL,
  PRIMARY KEY (agent_id, segment, network, probe)
);
CREATE INDEX covered_school ON covered (traeger_id, school_id);

CREATE TABLE tally (
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  agent_id BIGINT NOT NULL REFERENCES agent (id),
  segment TEXT NOT NULL,
  hour BIGINT NOT NULL,
  kind TEXT NOT NULL,
  count BIGINT NOT NULL,
  PRIMARY KEY (agent_id, segment, hour, kind)
);
CREATE INDEX tally_school ON tally (traeger_id, school_id, hour);
