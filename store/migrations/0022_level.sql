-- At which level a task is done: by several schools together, by the school, or by its team for technology.
ALTER TABLE school_task ADD COLUMN level TEXT NOT NULL DEFAULT '';
