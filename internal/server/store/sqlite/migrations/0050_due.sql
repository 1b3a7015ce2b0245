-- +goose Up

-- Accounts whose sums have changed since their lines were made.
CREATE TABLE due (
  user_id INTEGER PRIMARY KEY REFERENCES users ON DELETE CASCADE,
  at      INTEGER NOT NULL, -- of the first of the changes; all are of one day
  days    TEXT NOT NULL     -- that changed, with spaces between
) STRICT;
CREATE INDEX due_at ON due (at);
