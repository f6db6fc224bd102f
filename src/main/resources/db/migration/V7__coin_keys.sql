-- Coins under a key of 8 bytes: the pages that a settled transfer reads and changes at random are a
-- quarter as many as with the txid itself as key. Wide columns come first, so that none is padded.

ALTER TABLE coin RENAME TO wide_coin;
ALTER INDEX coin_script RENAME TO wide_coin_script;

CREATE TABLE coin (
  -- First 8 bytes of the txid, big-endian, XOR the output's number. Short, hence not unique: txids
  -- with equal beginnings can be made. So whoever looks for a coin compares the whole txid as well.
  outpoint_prefix bigint  NOT NULL,
  amount_sat      bigint  NOT NULL,
  -- First 8 bytes of SHA-256 of the script, big-endian.
  script_prefix   bigint  NOT NULL,
  index           int     NOT NULL,
  height          int     NOT NULL,
  coinbase        boolean NOT NULL,
  txid            bytea   NOT NULL,
  script          bytea   NOT NULL
);

-- Without the index being unique the planner does not know that a prefix finds one row. Statistics
-- say so, but a new chain can have many coins before the first are made. So they are made here, from
-- rows that do not stay; those of an empty table are never replaced.
ALTER TABLE coin
  ALTER COLUMN outpoint_prefix SET (n_distinct = -1),
  ALTER COLUMN txid SET (n_distinct = -1);

INSERT INTO coin (outpoint_prefix, amount_sat, script_prefix, index, height, coinbase, txid, script)
SELECT hashint8extended(n, 0), n, hashint8extended(n, 1), 0, n, false,
  sha256(int8send(n)), substr(sha256(int8send(n)), 1, 22)
FROM generate_series(1, 10000) AS n;

ANALYZE coin;
TRUNCATE coin;

INSERT INTO coin (outpoint_prefix, amount_sat, script_prefix, index, height, coinbase, txid, script)
SELECT ('x' || encode(substr(txid, 1, 8), 'hex'))::bit(64)::bigint # index, amount_sat,
  script_prefix, index, height, coinbase, txid, script
FROM wide_coin;

DROP TABLE wide_coin;

-- Made behind the rows: that is faster, and its pages are full. There is next to nothing to be
-- deduplicated in the first.
CREATE INDEX coin_outpoint ON coin (outpoint_prefix) WITH (deduplicate_items = off);
CREATE INDEX coin_script ON coin (script_prefix);

-- Does nothing if there are no coins.
ANALYZE coin;
