-- By whom an account is proven to a provider of identities: issuer and subject, once they are known; until then the
-- verified mail address that an administrator named. A mail address is forgotten when its holder has come.
CREATE TABLE account_identity (
  account_id BIGINT PRIMARY KEY REFERENCES account (id),
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  issuer TEXT NOT NULL DEFAULT '',
  subject TEXT NOT NULL DEFAULT '',
  email TEXT NOT NULL DEFAULT '',
  linked_at BIGINT
);
CREATE UNIQUE INDEX account_identity_subject ON account_identity (traeger_id, issuer, subject) WHERE subject <> '';
CREATE UNIQUE INDEX account_identity_email ON account_identity (traeger_id, email) WHERE email <> '';
