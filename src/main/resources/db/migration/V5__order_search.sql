-- The invoices of an order number in the order that they are listed in, so that the newest of them
-- are found without reading all, however many a shop gives the same number.

DROP INDEX invoice_store_order;

CREATE INDEX invoice_store_order ON invoice (store_id, order_id, created_millis DESC)
  WHERE order_id IS NOT NULL;
