-- With the id, so that a step through old webhooks of invoices goes on where the last one ended
-- without sorting all that are left.
DROP INDEX webhook_told;
CREATE INDEX webhook_told ON webhook ((coalesce(told_millis, created_millis)), id)
  WHERE invoice_id IS NOT NULL;
