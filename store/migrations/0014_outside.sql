-- What speaks with the book from outside: tokens of programs, and what is sent once a week.

CREATE TABLE api_token (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  mark TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  school_id BIGINT REFERENCES school (id),
  provider TEXT NOT NULL DEFAULT '',
  made_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT,
  last_used BIGINT,
  UNIQUE (traeger_id, mark)
);

-- What a token is checked against; never exported.
CREATE TABLE api_token_secret (
  token_id BIGINT PRIMARY KEY REFERENCES api_token (id),
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  token_hash TEXT NOT NULL
);

-- Where an account wants the weekly mail, and in which language; no row, no mail.
CREATE TABLE account_mail (
  account_id BIGINT PRIMARY KEY REFERENCES account (id),
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  address TEXT NOT NULL,
  language TEXT NOT NULL
);

-- What was sent in which week (named by its Monday): a row stands here before anything leaves.
CREATE TABLE dispatch (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  kind TEXT NOT NULL,
  recipient BIGINT NOT NULL,
  week TEXT NOT NULL,
  state TEXT NOT NULL,
  tries BIGINT NOT NULL,
  at BIGINT NOT NULL,
  told TEXT NOT NULL DEFAULT '',
  UNIQUE (traeger_id, kind, recipient, week)
);
