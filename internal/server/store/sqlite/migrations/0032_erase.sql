-- +goose Up

-- An erased account is in no table any more but as a keyed hash: in the audit, and in the list that is replayed when a
-- backup from before is restored.
ALTER TABLE audit ADD COLUMN erased BLOB CHECK (erased IS NULL OR length(erased) = 32);
CREATE TABLE erasures (
  mark BLOB PRIMARY KEY CHECK (length(mark) = 32),
  at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
