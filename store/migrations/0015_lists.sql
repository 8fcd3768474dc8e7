-- The long list of devices is read part by part, each from where the last one ended.

CREATE INDEX asset_list ON asset (traeger_id, school_id, (COALESCE(kind, 'zzz')), ip, id);
