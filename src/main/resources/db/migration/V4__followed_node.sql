-- Set on the database of a follower: it holds a verified copy of that node's chain.
CREATE TABLE followed_node (
  singleton boolean     PRIMARY KEY DEFAULT true CHECK (singleton),
  node      text        NOT NULL,
  since     timestamptz NOT NULL DEFAULT now()
);
