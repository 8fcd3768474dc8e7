-- Derived: sums of each school, so that the overview of a Träger reads a line for each school instead of every device and
-- finding. A school without a line is counted when somebody looks.

CREATE TABLE school_sum (
  school_id BIGINT PRIMARY KEY REFERENCES school (id),
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  assets BIGINT NOT NULL,
  documented BIGINT NOT NULL,
  systems BIGINT NOT NULL
);
CREATE INDEX school_sum_traeger ON school_sum (traeger_id);

CREATE TABLE finding_sum (
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  rule TEXT NOT NULL,
  severity TEXT NOT NULL,
  open BIGINT NOT NULL,
  closed BIGINT NOT NULL,
  PRIMARY KEY (school_id, rule, severity)
);
CREATE INDEX finding_sum_traeger ON finding_sum (traeger_id);

-- What a list shows and what is counted is read from an index alone; no index leads to the rows of every school where
-- those of one are asked for.
DROP INDEX asset_kind;
CREATE INDEX asset_kind ON asset (traeger_id, school_id, kind, id);
DROP INDEX finding_open;
CREATE INDEX finding_told ON finding (traeger_id, school_id, rule, severity, subject, closed_at);
CREATE INDEX documented_system_living ON documented_system (traeger_id, school_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX documented_system_contract ON documented_system (traeger_id, domain, contract_until)
  WHERE deleted_at IS NULL AND domain > '' AND contract_until IS NOT NULL;
CREATE INDEX documented_system_serial ON documented_system (traeger_id, school_id, serial) WHERE serial > '';
-- The few statements that name a domain or a neighbour.
CREATE INDEX observation_names ON observation (traeger_id, school_id, id)
  WHERE fields LIKE '%"tls.san"%' OR fields LIKE '%"smtp.banner"%';
CREATE INDEX observation_neighbours ON observation (traeger_id, school_id, id)
  WHERE fields LIKE '%"snmp.lldp_neighbours"%';
