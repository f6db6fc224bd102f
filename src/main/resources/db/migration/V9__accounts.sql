-- People who log in, what they may do in which store, and where a store's rates come from.

ALTER TABLE account
  ADD COLUMN name      text,
  ADD COLUMN image_url text,
  -- Argon2id in the PHC text form; null as long as nobody can log in with a password.
  ADD COLUMN password  text,
  ADD COLUMN disabled  boolean NOT NULL DEFAULT false,
  -- The one made at first start, of which there is one however many nodes start at once.
  ADD COLUMN first     boolean NOT NULL DEFAULT false;

UPDATE account SET first = true WHERE administrator;

DROP INDEX account_administrator;
CREATE UNIQUE INDEX account_first ON account (first) WHERE first;

-- Nobody is two people by the case of a letter.
ALTER TABLE account DROP CONSTRAINT account_email_key;
CREATE UNIQUE INDEX account_email ON account (lower(email));

CREATE TABLE store_user (
  store_id       text NOT NULL REFERENCES store ON DELETE CASCADE,
  account_id     text NOT NULL REFERENCES account ON DELETE CASCADE,
  role           text NOT NULL,
  created_millis bigint NOT NULL,
  PRIMARY KEY (store_id, account_id)
);

CREATE INDEX store_user_account ON store_user (account_id);

INSERT INTO store_user (store_id, account_id, role, created_millis)
SELECT s.id, a.id, 'Owner', s.created_millis FROM store s CROSS JOIN account a WHERE a.administrator;

-- A browser that somebody has logged in with.
CREATE TABLE browser_session (
  -- SHA-256 of what the browser's cookie holds.
  hash           bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
  account_id     text NOT NULL REFERENCES account ON DELETE CASCADE,
  expires_millis bigint NOT NULL
);

CREATE INDEX browser_session_account ON browser_session (account_id);
CREATE INDEX browser_session_expires ON browser_session (expires_millis);

ALTER TABLE store
  -- Where its rates come from; null for the operator's.
  ADD COLUMN rates          jsonb,
  -- A store that is gone for everybody but its books: its invoices were paid and stay.
  ADD COLUMN deleted_millis bigint;

-- The cashier who made an invoice; null for everybody who sees all invoices of the store anyway.
ALTER TABLE invoice ADD COLUMN seller text;

CREATE INDEX invoice_seller ON invoice (store_id, seller, created_millis, id)
  WHERE seller IS NOT NULL;
