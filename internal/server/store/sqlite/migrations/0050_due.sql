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

-- As before, with lines looked up first and then their accounts: SQLite keeps to the order of a CROSS JOIN. Left to itself it looks
-- through all accounts for one page, once ANALYZE has told it that they are fewer.
DROP VIEW public_lines;
DROP VIEW public_lines_cost;
DROP VIEW public_lines_days;
CREATE VIEW public_lines AS
  SELECT s.user_id, u.handle, s.period, s.source, s.family, s.hidden, s.requests, s.input, s.cache_read, s.cache_write_5m, s.cache_write_1h, s.output,
    s.reasoning, s.tokens, CASE WHEN s.hidden & 1 = 0 THEN s.cost_uusd END AS cost_uusd, CASE WHEN s.hidden & 1 = 0 THEN s.unpriced END AS unpriced,
    CASE WHEN s.hidden & 8 = 0 THEN s.active_days END AS active_days, CASE WHEN s.hidden & 8 = 0 THEN s.streak END AS streak,
    CASE WHEN s.hidden & 8 = 0 THEN s.first_day END AS first_day
    FROM score s CROSS JOIN users u ON u.id = s.user_id WHERE s.visibility = 2 AND u.visibility = 2 AND u.state = 0;
CREATE VIEW public_lines_cost AS
  SELECT s.user_id, u.handle, s.period, s.source, s.family, s.hidden, s.requests, s.input, s.cache_read, s.cache_write_5m, s.cache_write_1h, s.output,
    s.reasoning, s.tokens, s.cost_uusd, s.unpriced,
    CASE WHEN s.hidden & 8 = 0 THEN s.active_days END AS active_days, CASE WHEN s.hidden & 8 = 0 THEN s.streak END AS streak,
    CASE WHEN s.hidden & 8 = 0 THEN s.first_day END AS first_day
    FROM score s CROSS JOIN users u ON u.id = s.user_id WHERE s.visibility = 2 AND s.hidden & 1 = 0 AND u.visibility = 2 AND u.state = 0;
CREATE VIEW public_lines_days AS
  SELECT s.user_id, u.handle, s.period, s.source, s.family, s.hidden, s.requests, s.input, s.cache_read, s.cache_write_5m, s.cache_write_1h, s.output,
    s.reasoning, s.tokens, CASE WHEN s.hidden & 1 = 0 THEN s.cost_uusd END AS cost_uusd, CASE WHEN s.hidden & 1 = 0 THEN s.unpriced END AS unpriced,
    s.active_days, s.streak, s.first_day
    FROM score s CROSS JOIN users u ON u.id = s.user_id WHERE s.visibility = 2 AND s.hidden & 8 = 0 AND u.visibility = 2 AND u.state = 0;
