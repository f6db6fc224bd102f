-- The chain index as sorted runs of packed pages instead of one row per place: a page is written
-- once, beside its neighbours, where a row cost its share of a random page of every tree. Everything
-- is indexed again from the journal.

DROP TABLE transfer_place;
DROP TABLE spender_place;
DROP TABLE script_place;

-- What some consecutive blocks add to the index, sorted by key. Runs never change; neighbours are
-- merged into longer ones, and then these rows are replaced by one.
CREATE TABLE index_run (
  number      bigint   PRIMARY KEY,
  -- 1: transactions by txid, 2: spenders by output, 3: transactions by script.
  kind        smallint NOT NULL CHECK (kind BETWEEN 1 AND 3),
  from_height int      NOT NULL,
  to_height   int      NOT NULL CHECK (to_height >= from_height),
  entries     bigint   NOT NULL CHECK (entries > 0),
  -- For each page its first entry: key (8 bytes), height and position (4 each), big-endian.
  fences      bytea    NOT NULL
);

ALTER TABLE index_run ALTER COLUMN fences SET STORAGE EXTERNAL;

-- Pages of runs; also of those that are being made, or have been replaced, which nobody reads.
CREATE TABLE index_page (
  run     bigint NOT NULL,
  number  int    NOT NULL,
  entries bytea  NOT NULL,
  PRIMARY KEY (run, number)
);

-- Two fit into a page of the database, so none is ever stored elsewhere.
ALTER TABLE index_page ALTER COLUMN entries SET STORAGE PLAIN;

UPDATE index_cursor SET height = -1;
