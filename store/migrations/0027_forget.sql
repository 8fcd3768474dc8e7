-- What was found and decided about one device, so that forgetting it reads no row of another.
CREATE INDEX finding_event_subject ON finding_event (traeger_id, subject);
CREATE INDEX decision_subject ON decision (traeger_id, subject);
