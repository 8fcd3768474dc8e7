-- Derived: the device that each living documented system stands for, be it bound by a person or named by its MAC address
-- or serial number. Every page, rule, survey and list asks this table what is documented.

CREATE TABLE stands_for (
  system_id BIGINT PRIMARY KEY,
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL,
  asset_id BIGINT NOT NULL,
  bound_by TEXT NOT NULL
);
CREATE INDEX stands_for_asset ON stands_for (traeger_id, asset_id);
CREATE INDEX stands_for_school ON stands_for (traeger_id, school_id);
CREATE INDEX asset_serial ON asset (traeger_id, school_id, serial);
CREATE INDEX documented_system_mac ON documented_system (traeger_id, school_id, mac);
