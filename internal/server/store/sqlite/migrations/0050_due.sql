-- +goose Up

-- Accounts whose sums have changed since their lines were made.
CREATE TABLE due (
  user_id INTEGER PRIMARY KEY REFERENCES users ON DELETE CASCADE,
  at      INTEGER NOT NULL, -- of the first of the changes; all are of one day
  days    TEXT NOT NULL     -- that changed, with spaces between
) STRICT;
CREATE INDEX due_at ON due (at);

-- What an account's and its devices' days add up to, while nothing of the account's waits or is a copy; device 0 is the account.
-- It is there to save an upload reading every day: without it everything is added up again.
CREATE TABLE tallies (
  user_id        INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
  device_id      INTEGER NOT NULL,
  rows           INTEGER NOT NULL,
  late_days      INTEGER NOT NULL, -- that were told of when they were over
  late_tokens    INTEGER NOT NULL,
  requests       INTEGER NOT NULL,
  input          INTEGER NOT NULL,
  cache_read     INTEGER NOT NULL,
  cache_write_5m INTEGER NOT NULL,
  cache_write_1h INTEGER NOT NULL,
  output         INTEGER NOT NULL,
  reasoning      INTEGER NOT NULL,
  cost_uusd      INTEGER NOT NULL,
  unpriced       INTEGER NOT NULL,
  active_days    INTEGER NOT NULL,
  first_day      TEXT NOT NULL,
  PRIMARY KEY (user_id, device_id)
) STRICT, WITHOUT ROWID;

-- usage_day without its held cells, summed over devices and the days of a month: what a long board needs to name models.
CREATE TABLE user_model (
  user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
  month   TEXT NOT NULL,
  source  TEXT NOT NULL,
  model   TEXT NOT NULL,
  tokens  INTEGER NOT NULL,
  PRIMARY KEY (user_id, month, source, model)
) STRICT, WITHOUT ROWID;
CREATE VIEW public_user_models AS
  SELECT m.user_id, m.month, CASE WHEN u.hidden & 4 = 0 THEN m.source END AS source, m.model, m.tokens
    FROM user_model m JOIN users u ON u.id = m.user_id WHERE u.visibility = 2 AND u.state = 0 AND u.hidden & 2 = 0;
