-- An invoice and its address in one row: to make one is to write one, with two indexes and a foreign
-- key less. And the order of its lists in indexes that grow at their end.

ALTER TABLE invoice
  -- The output script that pays it; null if nothing is due.
  ADD COLUMN script        bytea,
  ADD COLUMN wallet_id     bigint REFERENCES wallet,
  ADD COLUMN address_index integer CHECK (address_index >= 0);

UPDATE invoice i
SET script = a.script, wallet_id = a.wallet_id, address_index = a.address_index
FROM invoice_address a
WHERE a.invoice_id = i.id;

DROP TABLE invoice_address;

ALTER TABLE invoice
  ADD CHECK ((script IS NULL) = (wallet_id IS NULL)),
  ADD CHECK ((script IS NULL) = (address_index IS NULL));

CREATE UNIQUE INDEX invoice_script ON invoice (script);

-- The newest index of a wallet is read off this index: there is no counter that every invoice of a
-- wallet would have to lock.
CREATE UNIQUE INDEX invoice_wallet_address ON invoice (wallet_id, address_index);

-- Read backwards: the newest first.
DROP INDEX invoice_store_created;
CREATE INDEX invoice_store_created ON invoice (store_id, created_millis, id);

-- However many invoices a shop gives the same order number, the newest are found without the others.
DROP INDEX invoice_store_order;
CREATE INDEX invoice_store_order ON invoice (store_id, order_id, created_millis)
  WHERE order_id IS NOT NULL;
