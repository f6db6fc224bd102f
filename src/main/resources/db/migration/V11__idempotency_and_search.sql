-- Answers to requests that carried an Idempotency-Key, each written with what the request made.

CREATE TABLE idempotent_answer (
  -- SHA-256 of the caller and the request's key.
  key            bytea PRIMARY KEY CHECK (octet_length(key) = 32),
  -- SHA-256 of method, path and body: the same key must come with the same request.
  request        bytea NOT NULL CHECK (octet_length(request) = 32),
  status         integer NOT NULL,
  -- Sealed with a key that only the caller can make: answers hold secrets that are shown once.
  answer         bytea NOT NULL,
  created_millis bigint NOT NULL
);

-- For the job that removes old ones.
CREATE INDEX idempotent_answer_created ON idempotent_answer (created_millis);

-- The texts that a merchant wants to find an invoice by, each where those that begin alike lie
-- together. The rows of invoices, which keep them too, write them here, whoever makes an invoice.
CREATE TABLE invoice_search_term (
  store_id   text NOT NULL,
  -- Cut, because an index entry has a limit.
  term       text COLLATE "C" NOT NULL,
  invoice_id text NOT NULL REFERENCES invoice ON DELETE CASCADE,
  PRIMARY KEY (store_id, term, invoice_id)
);

CREATE FUNCTION note_search_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO invoice_search_term (store_id, term, invoice_id)
  SELECT DISTINCT NEW.store_id, left(term, 200), NEW.id FROM unnest(NEW.search_terms) AS term
  WHERE term IS NOT NULL
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

CREATE TRIGGER invoice_search_terms AFTER INSERT ON invoice
  FOR EACH ROW WHEN (NEW.search_terms <> '{}') EXECUTE FUNCTION note_search_terms();

INSERT INTO invoice_search_term (store_id, term, invoice_id)
SELECT DISTINCT store_id, left(term, 200), id FROM invoice, unnest(search_terms) AS term
WHERE search_terms <> '{}' AND term IS NOT NULL;

ANALYZE invoice_search_term;

-- Ids and order numbers that begin alike lie together in the indexes that there are, if texts are
-- compared by their bytes. Elsewhere it takes more indexes.
DO $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM pg_database WHERE datname = current_database() AND datcollate IN ('C', 'POSIX'))
  THEN
    CREATE INDEX invoice_id_start ON invoice (id text_pattern_ops);
    CREATE INDEX invoice_order_start ON invoice (store_id, order_id text_pattern_ops)
      WHERE order_id IS NOT NULL;
  END IF;
END $$;

-- So that all but those put away can be counted by indexes alone.
CREATE INDEX invoice_archived ON invoice (store_id, created_millis) WHERE archived;
