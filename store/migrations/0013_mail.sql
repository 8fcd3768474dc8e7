-- What people know of a domain's mail and no look-up shows: one row for each domain of a school.

CREATE TABLE mail_fact (
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  domain TEXT NOT NULL,
  selectors TEXT NOT NULL,
  senders TEXT NOT NULL,
  complete BIGINT NOT NULL,
  who TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (school_id, domain)
);
CREATE INDEX mail_fact_domain ON mail_fact (traeger_id, domain);

-- Derived: what changed among the records of a domain from one audit of an agent to its next. It outlives the raw
-- look-ups by which it was found.
CREATE TABLE record_change (
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  domain TEXT NOT NULL,
  agent_id BIGINT NOT NULL REFERENCES agent (id),
  place BIGINT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  view TEXT NOT NULL,
  day BIGINT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  PRIMARY KEY (agent_id, domain, place, name, type)
);
CREATE INDEX record_change_domain ON record_change (traeger_id, domain, day);
