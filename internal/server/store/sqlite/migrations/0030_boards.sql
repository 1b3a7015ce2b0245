-- +goose Up

-- What a public account keeps back: 1 cost, 2 models, 4 sources, 8 exact days.
ALTER TABLE users ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden BETWEEN 0 AND 15);

-- The family of every model that was ever sent, by the server's price book.
CREATE TABLE models (
  model  TEXT PRIMARY KEY CHECK (length(model) BETWEEN 1 AND 96 AND model NOT GLOB '*[^a-z0-9._:/@+-]*' AND model GLOB '[a-z0-9]*'),
  family TEXT NOT NULL CHECK (length(family) BETWEEN 1 AND 32 AND family NOT GLOB '*[^a-z0-9-]*' AND family GLOB '[a-z0-9]*')
) STRICT, WITHOUT ROWID;

-- What counts: usage_day without its held cells, summed over devices and the models of a family.
DROP TABLE user_day;
CREATE TABLE user_day (
  user_id        INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
  day            TEXT NOT NULL,
  source         TEXT NOT NULL,
  family         TEXT NOT NULL,
  requests       INTEGER NOT NULL,
  input          INTEGER NOT NULL,
  cache_read     INTEGER NOT NULL,
  cache_write_5m INTEGER NOT NULL,
  cache_write_1h INTEGER NOT NULL,
  output         INTEGER NOT NULL,
  reasoning      INTEGER NOT NULL,
  cost_uusd      INTEGER NOT NULL,
  unpriced       INTEGER NOT NULL, -- tokens
  timely         INTEGER NOT NULL CHECK (timely IN (0, 1)), -- received within 45 days: only then does it make a streak
  PRIMARY KEY (user_id, day, source, family)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_day_day ON user_day (day, user_id);

-- user_day summed over the days of a period; source '' is all of them together, and so is family ''.
DROP TABLE score;
CREATE TABLE score (
  user_id        INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
  period         TEXT NOT NULL,
  source         TEXT NOT NULL,
  family         TEXT NOT NULL,
  last_day       TEXT NOT NULL,    -- of the period; three days later it is closed and its lines stand still
  visibility     INTEGER NOT NULL, -- of the line; -1 while the account is suspended
  closed_as      INTEGER,          -- the account's visibility when the period closed, once that has changed
  hidden         INTEGER NOT NULL, -- of the account
  requests       INTEGER NOT NULL,
  input          INTEGER NOT NULL,
  cache_read     INTEGER NOT NULL,
  cache_write_5m INTEGER NOT NULL,
  cache_write_1h INTEGER NOT NULL,
  output         INTEGER NOT NULL,
  reasoning      INTEGER NOT NULL,
  tokens         INTEGER NOT NULL,
  cost_uusd      INTEGER NOT NULL,
  unpriced       INTEGER NOT NULL,
  active_days    INTEGER NOT NULL,
  streak         INTEGER NOT NULL, -- days in a row, inside the period
  first_day      TEXT NOT NULL,
  PRIMARY KEY (user_id, period, source, family)
) STRICT, WITHOUT ROWID;
CREATE INDEX score_tokens ON score (period, source, family, tokens DESC, user_id DESC) WHERE visibility = 2;
CREATE INDEX score_output ON score (period, source, family, output DESC, user_id DESC) WHERE visibility = 2;
CREATE INDEX score_cost ON score (period, source, family, cost_uusd DESC, user_id DESC) WHERE visibility = 2 AND hidden & 1 = 0;
CREATE INDEX score_days ON score (period, source, family, active_days DESC, user_id DESC) WHERE visibility = 2 AND hidden & 8 = 0;
CREATE INDEX score_streak ON score (period, source, family, streak DESC, user_id DESC) WHERE visibility = 2 AND hidden & 8 = 0;
CREATE INDEX score_counted ON score (period, source, family, visibility) WHERE visibility > 0;

-- Up to which day the rolling boards are made.
CREATE TABLE rolling (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  day TEXT NOT NULL
) STRICT;

-- What everybody may see. The connections that answer strangers can read accounts' rows through these alone. What an
-- account hides is NULL or "other", and on a board by that very thing it has no line.
CREATE VIEW public_users AS SELECT id, handle, name, visibility, state, hidden, created_at FROM users WHERE visibility = 2 AND state = 0;

CREATE VIEW public_lines AS
  SELECT s.user_id, u.handle, s.period, s.source, s.family, s.hidden, s.requests, s.input, s.cache_read, s.cache_write_5m, s.cache_write_1h, s.output,
    s.reasoning, s.tokens, CASE WHEN s.hidden & 1 = 0 THEN s.cost_uusd END AS cost_uusd, CASE WHEN s.hidden & 1 = 0 THEN s.unpriced END AS unpriced,
    CASE WHEN s.hidden & 8 = 0 THEN s.active_days END AS active_days, CASE WHEN s.hidden & 8 = 0 THEN s.streak END AS streak,
    CASE WHEN s.hidden & 8 = 0 THEN s.first_day END AS first_day
    FROM score s JOIN users u ON u.id = s.user_id WHERE s.visibility = 2 AND u.visibility = 2 AND u.state = 0;
CREATE VIEW public_lines_cost AS
  SELECT s.user_id, u.handle, s.period, s.source, s.family, s.hidden, s.requests, s.input, s.cache_read, s.cache_write_5m, s.cache_write_1h, s.output,
    s.reasoning, s.tokens, s.cost_uusd, s.unpriced,
    CASE WHEN s.hidden & 8 = 0 THEN s.active_days END AS active_days, CASE WHEN s.hidden & 8 = 0 THEN s.streak END AS streak,
    CASE WHEN s.hidden & 8 = 0 THEN s.first_day END AS first_day
    FROM score s JOIN users u ON u.id = s.user_id WHERE s.visibility = 2 AND s.hidden & 1 = 0 AND u.visibility = 2 AND u.state = 0;
CREATE VIEW public_lines_days AS
  SELECT s.user_id, u.handle, s.period, s.source, s.family, s.hidden, s.requests, s.input, s.cache_read, s.cache_write_5m, s.cache_write_1h, s.output,
    s.reasoning, s.tokens, CASE WHEN s.hidden & 1 = 0 THEN s.cost_uusd END AS cost_uusd, CASE WHEN s.hidden & 1 = 0 THEN s.unpriced END AS unpriced,
    s.active_days, s.streak, s.first_day
    FROM score s JOIN users u ON u.id = s.user_id WHERE s.visibility = 2 AND s.hidden & 8 = 0 AND u.visibility = 2 AND u.state = 0;

CREATE VIEW public_days AS
  SELECT d.user_id, u.hidden, CASE WHEN u.hidden & 8 = 0 THEN d.day ELSE date(d.day, 'weekday 0', '-6 days') END AS day,
    CASE WHEN u.hidden & 4 = 0 THEN d.source ELSE 'other' END AS source, CASE WHEN u.hidden & 2 = 0 THEN d.model ELSE 'other' END AS model,
    CASE WHEN u.hidden & 2 = 0 THEN d.band ELSE 0 END AS band, CASE WHEN u.hidden & 2 = 0 THEN d.tier ELSE 'standard' END AS tier,
    d.requests, d.input, d.cache_read, d.cache_write_5m, d.cache_write_1h, d.output, d.reasoning,
    CASE WHEN u.hidden & 1 = 0 THEN d.cost_uusd ELSE 0 END AS cost_uusd, u.hidden & 1 = 0 AND d.priced AS priced
    FROM usage_day d JOIN users u ON u.id = d.user_id WHERE d.held = 0 AND u.visibility = 2 AND u.state = 0;
CREATE VIEW public_user_days AS
  SELECT d.user_id, d.day, CASE WHEN u.hidden & 4 = 0 THEN d.source END AS source, CASE WHEN u.hidden & 2 = 0 THEN d.family END AS family,
    d.input + d.cache_read + d.cache_write_5m + d.cache_write_1h + d.output AS tokens
    FROM user_day d JOIN users u ON u.id = d.user_id WHERE u.visibility = 2 AND u.state = 0 AND u.hidden & 8 = 0;

-- What sums may be made of: nobody's line, and nobody's name.
CREATE VIEW counted_lines AS
  SELECT period, source, family, visibility, hidden, requests, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, tokens, cost_uusd,
    unpriced, active_days, first_day FROM score WHERE visibility > 0;
CREATE VIEW counted_models AS SELECT DISTINCT model, user_id FROM usage_day WHERE held = 0;
