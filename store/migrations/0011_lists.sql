-- Lists that were entered into the register, with what each created, so that one can be taken back as a whole.

CREATE TABLE list (
  id {id},
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  file TEXT NOT NULL,
  who TEXT NOT NULL,
  at BIGINT NOT NULL,
  undone_at BIGINT
);

CREATE TABLE list_system (
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  list_id BIGINT NOT NULL REFERENCES list (id),
  system_id BIGINT NOT NULL,
  PRIMARY KEY (list_id, system_id)
);

-- Rooms that were named for the first time; taken back only while nobody said anything about them.
CREATE TABLE list_room (
  traeger_id BIGINT NOT NULL REFERENCES traeger (id),
  list_id BIGINT NOT NULL REFERENCES list (id),
  room_id BIGINT NOT NULL,
  PRIMARY KEY (list_id, room_id)
);

-- What goes when a room or a system goes is found without reading the whole table.
CREATE INDEX documented_system_room ON documented_system (room_id);
CREATE INDEX lesson_system ON lesson (system_id);
