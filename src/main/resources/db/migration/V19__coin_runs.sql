-- Coins as sorted runs of packed entries instead of a row for each: a page is written once, beside
-- its neighbours, where a row was made and deleted on random pages of a table and two indexes.
-- The coins are made again from the journal, at the first start with this release.

DROP TABLE coin;

-- What some consecutive blocks made and spent. Runs never change; neighbours are merged into longer
-- ones, in which a coin that was made and spent leaves nothing, and then these rows are replaced.
CREATE TABLE coin_run (
  number      bigint   PRIMARY KEY,
  -- 1: coins by outpoint, 2: outpoints by script.
  kind        smallint NOT NULL CHECK (kind BETWEEN 1 AND 2),
  from_height int      NOT NULL,
  to_height   int      NOT NULL CHECK (to_height >= from_height),
  entries     bigint   NOT NULL CHECK (entries > 0),
  pages       int      NOT NULL CHECK (pages > 0)
);

-- Pages of runs; also of those that are being made, or have been replaced, which nobody reads.
CREATE TABLE coin_page (
  run     bigint NOT NULL,
  number  int    NOT NULL,
  -- Of runs by outpoint: coins made less coins spent, and the same of their sat.
  coins   int    NOT NULL,
  sat     bigint NOT NULL,
  entries bytea  NOT NULL,
  PRIMARY KEY (run, number)
);

-- Txids do not compress. A page with a very long script is stored elsewhere.
ALTER TABLE coin_page ALTER COLUMN entries SET STORAGE EXTERNAL;

-- What a node keeps in memory of each run, in pieces.
CREATE TABLE coin_look_up (
  run    bigint   NOT NULL,
  -- 1: fences: for each page of its first key 8 bytes, their first bit turned, and the output's
  -- number (4; 0 under scripts), and 4 of zero. 2: a Bloom filter of its outpoints.
  part   smallint NOT NULL CHECK (part BETWEEN 1 AND 2),
  number int      NOT NULL,
  bytes  bytea    NOT NULL,
  PRIMARY KEY (run, part, number)
);

ALTER TABLE coin_look_up ALTER COLUMN bytes SET STORAGE EXTERNAL;

UPDATE coin_cursor SET height = 0;
