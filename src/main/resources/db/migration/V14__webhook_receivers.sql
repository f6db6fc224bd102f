-- Who doesn't answer is known for each receiver, not for each host: a webhook of a store is one, and
-- so are all webhooks of a store's invoices whose links differ in their queries only.

ALTER TABLE webhook ADD COLUMN receiver text NOT NULL GENERATED ALWAYS AS (
  CASE WHEN invoice_id IS NULL THEN id
    -- Short, however long the link is. If two ever meet, they only share places.
    ELSE store_id || ' ' || hashtextextended(split_part(url, '?', 1), 0)::text END) STORED;

DROP INDEX webhook_delivery_due;

ALTER TABLE webhook_delivery RENAME COLUMN endpoint TO receiver;

-- What has no webhook any more keeps what it has, and is refused when it is due.
UPDATE webhook_delivery d SET receiver = w.receiver
FROM webhook w WHERE w.id = d.webhook_id AND d.state = 'Pending';

-- What is to be sent next, to each receiver: what was never tried, apart from what was.
CREATE INDEX webhook_delivery_due
  ON webhook_delivery (receiver, (least(attempts, 1)), due_millis, event_id)
  WHERE due_millis IS NOT NULL;
