-- Each place of a script also says what the transaction pays to the script and spends from it. So
-- the sums over a long history are one scan of the key, without a look into any block.

DROP TABLE script_place;

CREATE TABLE script_place (
  -- First 8 bytes of SHA-256 of the script, big-endian, and the 4 bytes behind them. The latter are
  -- for sums, which no block is read for: two scripts with the same first 8 bytes can be made.
  script_prefix bigint NOT NULL,
  height        int    NOT NULL,
  position      int    NOT NULL,
  script_check  int    NOT NULL,
  -- Outputs that pay to the script, and coins of it that are spent.
  funded_count  int    NOT NULL,
  funded_sat    bigint NOT NULL,
  spent_sat     bigint NOT NULL,
  spent_count   int    NOT NULL,
  PRIMARY KEY (script_prefix, height, position, script_check)
    INCLUDE (funded_count, funded_sat, spent_sat, spent_count)
) WITH (
  -- The scan skips the rows themselves only where vacuum has been; each pass reads what is new.
  autovacuum_vacuum_insert_threshold = 100000,
  autovacuum_vacuum_insert_scale_factor = 0.01
);

-- Everything is indexed again from the journal; rows that are there already stay.
UPDATE index_cursor SET height = -1;
