-- All stores and all points of sale are listed part by part, the oldest first.
CREATE INDEX store_made ON store (created_millis, id) WHERE deleted_millis IS NULL;
CREATE INDEX app_made ON app (created_millis, id);
