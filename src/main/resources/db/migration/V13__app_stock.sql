-- What points of sale have sold of the things that they count, so that nobody has to add up all
-- sales to know what is left.

-- Each paid sale adds a row for each thing in it, and nobody waits for another's; what reads them
-- adds up those that there are many of, into one. No foreign key: a point of sale that is deleted
-- must not stop a payment.
CREATE TABLE app_stock_move (
  app_id       text NOT NULL,
  -- Which template of the point of sale it is taken off; later ones know of it already.
  stock_millis bigint NOT NULL,
  item         text NOT NULL,
  units        bigint NOT NULL
);

CREATE INDEX app_stock_move_app ON app_stock_move (app_id);

-- The things in a sale. Merchants may write anything into metadata, and no payment may fail by it.
CREATE FUNCTION sold_items(metadata jsonb) RETURNS TABLE (item text, units bigint)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT left(l ->> 'id', 200),
    CASE WHEN jsonb_typeof(l -> 'count') = 'number'
      THEN trunc(greatest(0, least(1000000, (l ->> 'count')::numeric)))::bigint ELSE 1 END
  FROM jsonb_array_elements(
    CASE WHEN jsonb_typeof(metadata -> 'posData' -> 'cart') = 'array'
      THEN metadata -> 'posData' -> 'cart' ELSE '[]' END) WITH ORDINALITY AS cart (l, place)
  WHERE jsonb_typeof(l -> 'id') = 'string' AND place <= 1000
$$;

CREATE FUNCTION is_sold(status text, paid_sat bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT status IN ('Processing', 'Settled') OR paid_sat > 0
$$;

CREATE FUNCTION note_stock_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was_sold boolean := false;
  now_sold boolean := is_sold(NEW.status, NEW.paid_sat);
BEGIN
  IF TG_OP = 'UPDATE' THEN
    was_sold := is_sold(OLD.status, OLD.paid_sat);
    IF was_sold = now_sold AND (NOT now_sold OR OLD.metadata IS NOT DISTINCT FROM NEW.metadata) THEN
      RETURN NULL;
    END IF;
  END IF;
  IF was_sold THEN
    INSERT INTO app_stock_move (app_id, stock_millis, item, units)
    SELECT a.id, a.stock_millis, s.item, -sum(s.units)
    FROM app a CROSS JOIN LATERAL sold_items(OLD.metadata) s
    WHERE a.id = NEW.app_id AND NEW.created_millis >= a.stock_millis
      AND s.item IN (SELECT i ->> 'id' FROM jsonb_array_elements(a.items) i
        WHERE jsonb_typeof(i -> 'inventory') = 'number')
    GROUP BY a.id, a.stock_millis, s.item;
  END IF;
  IF now_sold THEN
    INSERT INTO app_stock_move (app_id, stock_millis, item, units)
    SELECT a.id, a.stock_millis, s.item, sum(s.units)
    FROM app a CROSS JOIN LATERAL sold_items(NEW.metadata) s
    WHERE a.id = NEW.app_id AND NEW.created_millis >= a.stock_millis
      AND s.item IN (SELECT i ->> 'id' FROM jsonb_array_elements(a.items) i
        WHERE jsonb_typeof(i -> 'inventory') = 'number')
    GROUP BY a.id, a.stock_millis, s.item;
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER invoice_stock_insert AFTER INSERT ON invoice
  FOR EACH ROW WHEN (NEW.app_id IS NOT NULL) EXECUTE FUNCTION note_stock_moves();

CREATE TRIGGER invoice_stock_update AFTER UPDATE OF status, paid_sat, metadata ON invoice
  FOR EACH ROW WHEN (NEW.app_id IS NOT NULL) EXECUTE FUNCTION note_stock_moves();

CREATE FUNCTION forget_stock_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM app_stock_move WHERE app_id = OLD.id;
  RETURN NULL;
END $$;

CREATE TRIGGER app_stock_delete AFTER DELETE ON app
  FOR EACH ROW EXECUTE FUNCTION forget_stock_moves();

INSERT INTO app_stock_move (app_id, stock_millis, item, units)
SELECT a.id, a.stock_millis, s.item, sum(s.units)
FROM app a JOIN invoice i ON i.app_id = a.id AND i.created_millis >= a.stock_millis
CROSS JOIN LATERAL sold_items(i.metadata) s
WHERE is_sold(i.status, i.paid_sat)
GROUP BY a.id, a.stock_millis, s.item;

-- Sales that nobody has paid yet: few, as they expire.
CREATE INDEX invoice_app_open ON invoice (app_id, created_millis)
  WHERE app_id IS NOT NULL AND status = 'New';
