-- What people at the collector ask of an agent. It narrows what the box allows, and never widens it.

CREATE TABLE agent_order (
  agent_id BIGINT PRIMARY KEY REFERENCES agent (id),
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  walk_asked_at BIGINT,
  paused_at BIGINT
);
