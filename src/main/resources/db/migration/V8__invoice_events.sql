-- What happens to invoices, told to those who want to know: a log that is only ever appended to, and
-- what of it is still to be sent to whom. An entry is written by the transaction that makes the
-- change it tells of, and so is the note that it is to be sent. To whom is found out afterwards, so
-- that those who wait for the change do not wait for that.

CREATE TABLE invoice_event (
  -- Rises with time within one invoice, whose row is locked while its events are written.
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Which transaction wrote it. Ids are taken before a transaction is through, so that a smaller one
  -- may come to be seen after a larger one; but once no transaction up to a number is under way,
  -- nothing can be added there any more, and readers may go on behind it.
  written_in   bigint NOT NULL,
  -- No foreign keys: the log outlives what it tells of, and its entries are to be cheap.
  store_id     text NOT NULL,
  invoice_id   text NOT NULL,
  type         text NOT NULL,
  event_millis bigint NOT NULL,
  -- What else the event says.
  details      json NOT NULL,
  -- The merchant's data as they were then.
  metadata     jsonb NOT NULL
);

CREATE INDEX invoice_event_store ON invoice_event (store_id, written_in, id);

-- Numbers of transactions begin anew in another server that a dump is read into; then this is raised,
-- so that the log's order still has one direction.
CREATE TABLE event_clock (
  ahead bigint NOT NULL
);

INSERT INTO event_clock (ahead) VALUES (0);

CREATE TABLE webhook (
  id                   text PRIMARY KEY,
  store_id             text NOT NULL REFERENCES store ON DELETE CASCADE,
  -- The only invoice whose events go there; null for all of the store's.
  invoice_id           text UNIQUE,
  url                  text NOT NULL,
  -- Scheme, host and port: who gets what is limited together.
  endpoint             text NOT NULL,
  -- What bodies are signed with; null for not at all. It has to be known, so it can't be hashed.
  secret               text,
  enabled              boolean NOT NULL,
  automatic_redelivery boolean NOT NULL,
  everything           boolean NOT NULL,
  specific_events      text[] NOT NULL,
  created_millis       bigint NOT NULL,
  -- What happened before it was made is not sent there.
  behind_event         bigint NOT NULL
    DEFAULT coalesce(pg_sequence_last_value('invoice_event_id_seq'::regclass), 0),
  -- The newest event that went there; kept for those of single invoices only.
  told_millis          bigint,
  CHECK (secret IS NOT NULL OR invoice_id IS NOT NULL)
);

CREATE INDEX webhook_store ON webhook (store_id, created_millis) WHERE invoice_id IS NULL;

-- For the sweep that drops those of old invoices.
CREATE INDEX webhook_told ON webhook ((coalesce(told_millis, created_millis)))
  WHERE invoice_id IS NOT NULL;

-- Events for which it is still to be found out to which webhooks they go.
CREATE TABLE webhook_handover (
  store_id text NOT NULL,
  event_id bigint NOT NULL,
  PRIMARY KEY (store_id, event_id)
);

CREATE TABLE webhook_delivery (
  id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- No foreign key: nobody must wait for somebody who is removing a webhook, or fail over it.
  webhook_id     text NOT NULL,
  endpoint       text NOT NULL,
  -- No foreign key: after some weeks the event is dropped, and how it was delivered is still known.
  event_id       bigint NOT NULL,
  invoice_id     text NOT NULL,
  type           text NOT NULL,
  -- The delivery that this one repeats because somebody asked for it; null if it repeats none.
  original_id    uuid,
  state          text NOT NULL DEFAULT 'Pending'
    CHECK (state IN ('Pending', 'Delivered', 'Refused', 'GivenUp')),
  attempts       integer NOT NULL DEFAULT 0,
  created_millis bigint NOT NULL,
  -- When it is tried next. Null if it was the last time, and while an earlier event of the invoice
  -- waits: what has none costs nobody who looks for what is due.
  due_millis     bigint,
  -- The last try: when, with what answer, or why there was none.
  sent_millis    bigint,
  http_code      integer,
  error          text
);

-- What is to be sent next, to each endpoint.
CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint, due_millis, event_id)
  WHERE due_millis IS NOT NULL;

-- Who is first among the events of one invoice.
CREATE INDEX webhook_delivery_lane ON webhook_delivery (webhook_id, invoice_id, event_id)
  WHERE state = 'Pending' AND original_id IS NULL;

-- How many wait, and since when.
CREATE INDEX webhook_delivery_pending ON webhook_delivery (created_millis)
  WHERE state = 'Pending';

CREATE INDEX webhook_delivery_log ON webhook_delivery (webhook_id, created_millis, event_id);

CREATE INDEX webhook_delivery_given_up ON webhook_delivery (webhook_id, created_millis)
  WHERE state = 'GivenUp';

-- For the sweep that drops old ones.
CREATE INDEX webhook_delivery_age ON webhook_delivery (created_millis);

-- Whoever writes an event, and in whatever statement, leaves it for the webhooks too: one narrow row,
-- however many webhooks there are.
CREATE FUNCTION hand_to_webhooks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM webhook) THEN
    INSERT INTO webhook_handover (store_id, event_id) SELECT store_id, id FROM written;
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER invoice_event_webhooks AFTER INSERT ON invoice_event
  REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION hand_to_webhooks();
