-- No decision rests a finding for ever: one that was taken without an end ends a year after it was taken.
UPDATE decision SET until = at + 31536000000 WHERE until IS NULL AND state IN ('accepted', 'ignored');
