-- The people who may open the book and what they may do in it. When somebody last signed in is not written down.

CREATE TABLE account (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  login TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  school_id BIGINT REFERENCES school (id),
  provider TEXT NOT NULL DEFAULT '',
  added_at BIGINT NOT NULL,
  closed_at BIGINT,
  sessions_from BIGINT NOT NULL DEFAULT 0,
  UNIQUE (traeger_id, login)
);

-- How they prove who they are; never exported.
CREATE TABLE account_secret (
  account_id BIGINT PRIMARY KEY REFERENCES account (id),
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  password_hash TEXT NOT NULL DEFAULT '',
  totp_secret TEXT NOT NULL DEFAULT '',
  invitation_hash TEXT NOT NULL DEFAULT '',
  invited_until BIGINT
);
CREATE INDEX account_secret_invitation ON account_secret (traeger_id, invitation_hash);
