-- The commune in which a school lies: sums of surveys are told by it.
ALTER TABLE school ADD COLUMN commune TEXT NOT NULL DEFAULT '';
