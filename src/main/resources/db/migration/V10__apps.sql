-- Points of sale of a store.

CREATE TABLE app (
  id             text PRIMARY KEY,
  store_id       text NOT NULL REFERENCES store ON DELETE CASCADE,
  name           text NOT NULL,
  -- All keys of the API's object but id, name, items and times.
  settings       jsonb NOT NULL,
  -- What is sold: a list, in the order that it is shown in.
  items          jsonb NOT NULL,
  -- Since when what is sold is taken off the inventories in the items.
  stock_millis   bigint NOT NULL,
  created_millis bigint NOT NULL
);

CREATE INDEX app_store ON app (store_id, created_millis);

-- The key of a sale at a point of sale says where and by whom it was made (app:APP:CASHIER:KEY), so
-- that this is written with the invoice or not at all, and nobody can change it afterwards. A
-- cashier is the beginning of the SHA-256 of an API key; it is empty for who has none.
ALTER TABLE invoice
  ADD COLUMN app_id text GENERATED ALWAYS AS (
    CASE WHEN request_key LIKE 'app:%' THEN split_part(request_key, ':', 2) END) STORED,
  ADD COLUMN cashier text GENERATED ALWAYS AS (
    CASE WHEN request_key LIKE 'app:%' THEN nullif(split_part(request_key, ':', 3), '') END) STORED;

CREATE INDEX invoice_app_created ON invoice (app_id, created_millis) WHERE app_id IS NOT NULL;

CREATE INDEX invoice_app_cashier ON invoice (app_id, cashier, created_millis)
  WHERE cashier IS NOT NULL;
