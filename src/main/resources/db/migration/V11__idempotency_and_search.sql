-- Answers to requests that carried an Idempotency-Key, each written with what the request made.

CREATE TABLE idempotent_answer (
  -- SHA-256 of the caller and the request's key.
  key            bytea PRIMARY KEY CHECK (octet_length(key) = 32),
  -- SHA-256 of method, path and body: the same key must come with the same request.
  request        bytea NOT NULL CHECK (octet_length(request) = 32),
  status         integer NOT NULL,
  -- Sealed with a key that only the caller can make: answers hold secrets that are shown once.
  answer         bytea NOT NULL,
  created_millis bigint NOT NULL
);

-- For the job that removes old ones.
CREATE INDEX idempotent_answer_created ON idempotent_answer (created_millis);
