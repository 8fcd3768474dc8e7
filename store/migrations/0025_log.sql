-- The log of a Träger, of a school and of one person is read from its newest entry on, however much stands in it.
CREATE INDEX audit_at ON audit_log (traeger_id, at, id);
CREATE INDEX audit_school ON audit_log (traeger_id, school_id, at, id);
CREATE INDEX audit_who ON audit_log (traeger_id, who, at, id);
