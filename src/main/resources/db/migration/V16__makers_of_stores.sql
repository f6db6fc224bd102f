-- Who has made a store: how many stores one person may make does not depend on what others do.
ALTER TABLE store ADD COLUMN made_by text;

-- The first owner's role is as old as the store.
UPDATE store s SET made_by = (
  SELECT u.account_id FROM store_user u
  WHERE u.store_id = s.id AND u.role = 'Owner' AND u.created_millis = s.created_millis
  ORDER BY u.account_id LIMIT 1);

CREATE INDEX store_made_by ON store (made_by) WHERE deleted_millis IS NULL;

-- Settings could hold numbers of few characters that fill megabytes when they are written out, as
-- they are whenever the store is read. What holds such numbers goes back to its default.
UPDATE store s SET settings = s.settings - huge.keys
FROM (
  SELECT id, array_agg(key) AS keys FROM store, jsonb_each(settings)
  WHERE jsonb_path_exists(value,
    '$.** ? (@.type() == "number"
      && (@ >= 1e100 || @ <= -1e100 || (@ != 0 && @ > -1e-99 && @ < 1e-99)))')
  GROUP BY id) huge
WHERE s.id = huge.id;
