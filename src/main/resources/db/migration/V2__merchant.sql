-- Merchants: accounts and their API keys, stores and their wallets, invoices and what paid them.
-- Times are Unix milliseconds and amounts of coins are base units, both as in the chain.

CREATE TABLE account (
  id             text PRIMARY KEY,
  email          text NOT NULL UNIQUE,
  administrator  boolean NOT NULL,
  created_millis bigint NOT NULL
);

-- There is one administrator, however many nodes start at once.
CREATE UNIQUE INDEX account_administrator ON account (administrator) WHERE administrator;

CREATE TABLE api_key (
  -- SHA-256 of the key: whoever reads this table can't use what is in it.
  hash           bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
  account_id     text NOT NULL REFERENCES account ON DELETE CASCADE,
  label          text NOT NULL,
  permissions    text[] NOT NULL,
  -- Made at first start or by renewal, not through the API.
  initial        boolean NOT NULL DEFAULT false,
  created_millis bigint NOT NULL
);

CREATE INDEX api_key_account ON api_key (account_id);

CREATE TABLE store (
  id             text PRIMARY KEY,
  -- All keys of the API's store object but the id.
  settings       jsonb NOT NULL,
  created_millis bigint NOT NULL
);

-- One chain of receiving addresses. Stores that were given the same key in whatever spelling share
-- it, so that no address is ever handed out twice; hence it is told apart by its first script.
CREATE TABLE wallet (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  first_script bytea NOT NULL UNIQUE,
  derivation   text NOT NULL
);

CREATE TABLE store_payment_method (
  store_id          text NOT NULL REFERENCES store ON DELETE CASCADE,
  payment_method_id text NOT NULL,
  wallet_id         bigint NOT NULL REFERENCES wallet,
  enabled           boolean NOT NULL,
  config            jsonb NOT NULL,
  PRIMARY KEY (store_id, payment_method_id)
);

CREATE INDEX store_payment_method_wallet ON store_payment_method (wallet_id);

CREATE TABLE invoice (
  id                 text PRIMARY KEY,
  store_id           text NOT NULL REFERENCES store,
  -- Null for a top-up.
  amount             numeric CHECK (amount >= 0),
  currency           text NOT NULL,
  -- Price of one coin in the currency; null if nothing is due.
  rate               numeric CHECK (rate > 0),
  due_sat            bigint CHECK (due_sat >= 0),
  tolerance_percent  numeric NOT NULL CHECK (tolerance_percent BETWEEN 0 AND 100),
  status             text NOT NULL
    CHECK (status IN ('New', 'Processing', 'Settled', 'Expired', 'Invalid')),
  additional_status  text NOT NULL
    CHECK (additional_status IN ('None', 'PaidPartial', 'PaidOver', 'PaidLate', 'Marked')),
  paid_in_time_sat   bigint NOT NULL DEFAULT 0,
  paid_sat           bigint NOT NULL DEFAULT 0,
  metadata           jsonb NOT NULL,
  -- Cut, because an index entry has a limit and a text of the merchant's has none.
  order_id           text GENERATED ALWAYS AS (left(metadata ->> 'orderId', 200)) STORED,
  checkout           jsonb NOT NULL,
  receipt            jsonb NOT NULL,
  search_terms       text[] NOT NULL,
  archived           boolean NOT NULL DEFAULT false,
  created_millis     bigint NOT NULL,
  expiration_millis  bigint NOT NULL,
  monitoring_millis  bigint NOT NULL,
  -- The same for every try to make this one invoice.
  request_key        text,
  CHECK (paid_in_time_sat BETWEEN 0 AND paid_sat),
  CHECK ((amount IS NULL) = (due_sat IS NULL))
);

CREATE INDEX invoice_store_created ON invoice (store_id, created_millis DESC, id DESC);
CREATE INDEX invoice_store_order ON invoice (store_id, order_id) WHERE order_id IS NOT NULL;

CREATE UNIQUE INDEX invoice_request_key ON invoice (store_id, request_key)
  WHERE request_key IS NOT NULL;

-- For the sweep that expires what is still open.
CREATE INDEX invoice_open ON invoice (expiration_millis) WHERE status = 'New';

CREATE TABLE invoice_address (
  -- The output script itself: it is shorter than a hash of it, or nearly so.
  script        bytea PRIMARY KEY,
  invoice_id    text NOT NULL UNIQUE REFERENCES invoice ON DELETE CASCADE,
  wallet_id     bigint NOT NULL REFERENCES wallet,
  address_index integer NOT NULL CHECK (address_index >= 0),
  -- The newest index of a wallet is read off this constraint's index: there is no counter that
  -- every invoice of a wallet would have to lock.
  UNIQUE (wallet_id, address_index)
);

CREATE TABLE payment (
  txid          bytea NOT NULL CHECK (octet_length(txid) = 32),
  vout          bigint NOT NULL,
  invoice_id    text NOT NULL REFERENCES invoice ON DELETE CASCADE,
  sat           bigint NOT NULL CHECK (sat >= 0),
  height        integer NOT NULL,
  block_hash    bytea NOT NULL CHECK (octet_length(block_hash) = 32),
  sealed_millis bigint NOT NULL,
  PRIMARY KEY (txid, vout)
);

CREATE INDEX payment_invoice ON payment (invoice_id, height, txid, vout);
