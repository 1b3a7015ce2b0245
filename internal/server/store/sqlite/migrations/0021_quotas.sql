-- +goose Up

-- When a quota is whole again, in nanoseconds since 1970. Whose it is cannot be read from its key.
CREATE TABLE quotas (
  k     BLOB PRIMARY KEY CHECK (length(k) = 32),
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
