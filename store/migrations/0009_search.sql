-- Derived: the search for systems and devices. A document is a documented system with the device it stands for, or a
-- device that no system stands for; its words stand once per school, each with its trigrams, so that typing errors
-- are found by reading a few short lists. Trigrams and places are bound to their Träger by what they are derived from:
-- a check of half a million rows of a list would cost more than writing them.

CREATE TABLE search_document (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL REFERENCES school (id),
  subject TEXT NOT NULL,
  words TEXT NOT NULL,
  UNIQUE (school_id, subject)
);

CREATE TABLE search_word (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  school_id BIGINT NOT NULL,
  word TEXT NOT NULL,
  UNIQUE (school_id, word)
);
CREATE INDEX search_word_word ON search_word (traeger_id, word);

CREATE TABLE search_gram (
  traeger_id BIGINT NOT NULL,
  gram TEXT NOT NULL,
  word_id BIGINT NOT NULL,
  PRIMARY KEY (traeger_id, gram, word_id)
);
CREATE INDEX search_gram_word ON search_gram (word_id);

CREATE TABLE search_place (
  traeger_id BIGINT NOT NULL,
  word_id BIGINT NOT NULL,
  document_id BIGINT NOT NULL,
  PRIMARY KEY (traeger_id, word_id, document_id)
);
CREATE INDEX search_place_document ON search_place (document_id);
