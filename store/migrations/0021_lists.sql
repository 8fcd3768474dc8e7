-- The lists of one school are found from its systems, not by reading every row of every list.

CREATE INDEX list_system_system ON list_system (system_id);
