-- The chain: the block journal, which is the truth, and what is derived from it.

-- Which network this database belongs to; checked whenever it is opened.
CREATE TABLE network (
  singleton   boolean     PRIMARY KEY DEFAULT true CHECK (singleton),
  name        text        NOT NULL,
  fingerprint bytea       NOT NULL CHECK (octet_length(fingerprint) = 32),
  created_at  timestamptz NOT NULL DEFAULT now()
);

-- The newest block and who may write the next one. Every commit updates this row on the condition
-- that the generation is still the writer's own, so a writer that lost its lease can't commit.
CREATE TABLE chain_head (
  singleton   boolean     PRIMARY KEY DEFAULT true CHECK (singleton),
  generation  bigint      NOT NULL,
  height      int         NOT NULL,
  hash        bytea       NOT NULL CHECK (octet_length(hash) = 32),
  holder_host text,
  holder_pid  bigint,
  held_since  timestamptz
) WITH (fillfactor = 10);

-- Before the genesis block: its header names 32 zero bytes as its predecessor.
INSERT INTO chain_head (generation, height, hash) VALUES (0, -1, decode(repeat('00', 32), 'hex'));

CREATE TABLE block (
  height          int    PRIMARY KEY CHECK (height >= 0),
  hash            bytea  NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
  header          bytea  NOT NULL CHECK (octet_length(header) = 80),
  time_millis     bigint NOT NULL,
  transfers       int    NOT NULL,
  total_transfers bigint NOT NULL,
  total_coins     bigint NOT NULL,
  unspent_sat     bigint NOT NULL,
  burned_sat      bigint NOT NULL,
  issued_sat      bigint NOT NULL,
  certificate     bytea  NOT NULL,
  -- The coins that its transfers spend, in order: for indexes and for showing inputs.
  spent           bytea  NOT NULL,
  -- The whole serialised block.
  body            bytea  NOT NULL
);

-- Signatures and keys do not compress; trying to would cost time in every commit.
ALTER TABLE block ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE block ALTER COLUMN spent SET STORAGE EXTERNAL;

-- The unspent outputs as of the height in coin_cursor.
CREATE TABLE coin (
  txid          bytea   NOT NULL,
  index         int     NOT NULL,
  amount_sat    bigint  NOT NULL,
  height        int     NOT NULL,
  coinbase      boolean NOT NULL,
  script        bytea   NOT NULL,
  -- First 8 bytes of SHA-256 of the script, big-endian.
  script_prefix bigint  NOT NULL,
  PRIMARY KEY (txid, index)
);

CREATE INDEX coin_script ON coin (script_prefix);

CREATE TABLE coin_cursor (
  singleton  boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  generation bigint  NOT NULL,
  height     int     NOT NULL
) WITH (fillfactor = 10);

-- The genesis block makes no coins, so a new store already stands at it.
INSERT INTO coin_cursor (generation, height) VALUES (0, 0);

-- The chain index: short keys, verified against the block whenever they are used.
CREATE TABLE transfer_place (
  -- First 8 bytes of the txid, big-endian.
  txid_prefix bigint NOT NULL,
  height      int    NOT NULL,
  position    int    NOT NULL,
  PRIMARY KEY (txid_prefix, height, position)
);

CREATE TABLE script_place (
  -- First 8 bytes of SHA-256 of the script, big-endian.
  script_prefix bigint NOT NULL,
  height        int    NOT NULL,
  position      int    NOT NULL,
  PRIMARY KEY (script_prefix, height, position)
);

CREATE TABLE spender_place (
  -- First 8 bytes of the spent output's txid, big-endian, plus the output's number.
  outpoint_prefix bigint NOT NULL,
  height          int    NOT NULL,
  position        int    NOT NULL,
  PRIMARY KEY (outpoint_prefix, height, position)
);

CREATE TABLE index_cursor (
  singleton  boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  generation bigint  NOT NULL,
  height     int     NOT NULL
) WITH (fillfactor = 10);

INSERT INTO index_cursor (generation, height) VALUES (0, -1);
