-- +goose Up

-- Whose rows may be written now: the user's id inside a store's transaction, NULL for everybody else.
CREATE TABLE ctx (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  uid INTEGER
) STRICT;
INSERT INTO ctx VALUES (1, NULL);

CREATE TABLE secret (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL CHECK (length(value) = 32)
) STRICT, WITHOUT ROWID;

CREATE TABLE instance (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  site TEXT NOT NULL -- the origin that the server last used
) STRICT;

CREATE TABLE users (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  handle     TEXT NOT NULL UNIQUE CHECK (length(handle) BETWEEN 1 AND 39 AND handle NOT GLOB '*[^a-z0-9-]*'
                                         AND handle GLOB '[a-z0-9]*' AND handle GLOB '*[a-z0-9]'),
  visibility INTEGER NOT NULL DEFAULT 0 CHECK (visibility IN (0, 1, 2)), -- private, aggregate, public
  state      INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)),      -- fine, under review, suspended
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE devices (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id      INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
  name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  os           TEXT NOT NULL DEFAULT '' CHECK (length(os) <= 32),
  client       TEXT NOT NULL DEFAULT '' CHECK (length(client) <= 64),
  created_at   INTEGER NOT NULL,
  last_seq     INTEGER NOT NULL DEFAULT 0,
  last_body    BLOB CHECK (last_body IS NULL OR length(last_body) = 32),
  last_receipt TEXT,
  synced_at    INTEGER,
  UNIQUE (user_id, id),
  UNIQUE (user_id, name)
) STRICT;

CREATE TABLE tokens (
  secret     BLOB PRIMARY KEY CHECK (length(secret) = 32), -- SHA-256
  id         TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
  user_id    INTEGER NOT NULL,
  device_id  INTEGER NOT NULL,
  hint       TEXT NOT NULL CHECK (length(hint) = 4),
  scope      TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_on    TEXT,
  expires_at INTEGER,
  revoked_at INTEGER,
  FOREIGN KEY (user_id, device_id) REFERENCES devices (user_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_user ON tokens (user_id, device_id);

CREATE TABLE invites (
  secret     BLOB PRIMARY KEY CHECK (length(secret) = 32),
  user_id    INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX invites_user ON invites (user_id);

CREATE TABLE sessions (
  secret     BLOB PRIMARY KEY CHECK (length(secret) = 32),
  user_id    INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  idle_s     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE device_grants (
  device_code  BLOB PRIMARY KEY CHECK (length(device_code) = 32), -- SHA-256
  user_code    BLOB NOT NULL UNIQUE CHECK (length(user_code) = 32), -- HMAC-SHA-256
  name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  os           TEXT NOT NULL CHECK (length(os) <= 32),
  client       TEXT NOT NULL CHECK (length(client) <= 64),
  scope        TEXT NOT NULL,
  address      TEXT NOT NULL,
  network      TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  interval_s   INTEGER NOT NULL,
  next_poll_at INTEGER NOT NULL,                                  -- milliseconds
  state        TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'approved', 'denied', 'consumed')),
  user_id      INTEGER REFERENCES users ON DELETE CASCADE         -- who approved it
) STRICT, WITHOUT ROWID;
CREATE INDEX device_grants_network ON device_grants (network, address);

CREATE TABLE usage_day (
  user_id        INTEGER NOT NULL,
  device_id      INTEGER NOT NULL,
  day            TEXT NOT NULL CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  source         TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 32 AND source NOT GLOB '*[^a-z0-9-]*' AND source GLOB '[a-z0-9]*'),
  model          TEXT NOT NULL CHECK (length(model) BETWEEN 1 AND 96 AND model NOT GLOB '*[^a-z0-9._:/@+-]*' AND model GLOB '[a-z0-9]*'),
  band           INTEGER NOT NULL CHECK (band IN (0, 32000, 100000, 128000, 200000, 256000, 272000, 512000)),
  tier           TEXT NOT NULL CHECK (tier IN ('standard', 'fast', 'priority', 'flex', 'batch')),
  requests       INTEGER NOT NULL CHECK (requests BETWEEN 0 AND 1000000000000),
  input          INTEGER NOT NULL CHECK (input BETWEEN 0 AND 1000000000000),
  cache_read     INTEGER NOT NULL CHECK (cache_read BETWEEN 0 AND 1000000000000),
  cache_write_5m INTEGER NOT NULL CHECK (cache_write_5m BETWEEN 0 AND 1000000000000),
  cache_write_1h INTEGER NOT NULL CHECK (cache_write_1h BETWEEN 0 AND 1000000000000),
  output         INTEGER NOT NULL CHECK (output BETWEEN 0 AND 1000000000000),
  reasoning      INTEGER NOT NULL CHECK (reasoning BETWEEN 0 AND output),
  cost_uusd      INTEGER NOT NULL CHECK (cost_uusd >= 0),
  priced         INTEGER NOT NULL CHECK (priced IN (0, 1)),
  book           TEXT NOT NULL,                                   -- date of the price book behind cost_uusd
  parser         INTEGER NOT NULL,                                -- revision of the client's parser
  held           INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1)),
  first_seen_at  INTEGER NOT NULL,
  PRIMARY KEY (user_id, day, source, device_id, model, band, tier),
  -- Never above $1000 a million tokens, whatever a price book says.
  CHECK (cost_uusd <= 1000 * (input + cache_read + cache_write_5m + cache_write_1h + output)),
  CHECK (priced = 1 OR cost_uusd = 0),
  FOREIGN KEY (user_id, device_id) REFERENCES devices (user_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_day_device ON usage_day (user_id, device_id);
CREATE INDEX usage_day_model ON usage_day (model, user_id);
CREATE INDEX usage_day_book ON usage_day (book, user_id);

-- A cell, one day of one source, that waits for review or was released from it.
CREATE TABLE holds (
  user_id     INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
  day         TEXT NOT NULL,
  source      TEXT NOT NULL,
  reason      TEXT NOT NULL,
  line        INTEGER NOT NULL,
  value       INTEGER NOT NULL,
  held_at     INTEGER NOT NULL,
  released_at INTEGER,
  PRIMARY KEY (user_id, day, source)
) STRICT, WITHOUT ROWID;

-- What counts: usage_day without its held cells, summed over devices and models.
CREATE TABLE user_day (
  user_id        INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
  day            TEXT NOT NULL,
  source         TEXT NOT NULL,
  requests       INTEGER NOT NULL,
  input          INTEGER NOT NULL,
  cache_read     INTEGER NOT NULL,
  cache_write_5m INTEGER NOT NULL,
  cache_write_1h INTEGER NOT NULL,
  output         INTEGER NOT NULL,
  reasoning      INTEGER NOT NULL,
  cost_uusd      INTEGER NOT NULL,
  unpriced       INTEGER NOT NULL, -- tokens
  PRIMARY KEY (user_id, day, source)
) STRICT, WITHOUT ROWID;

-- user_day summed over the days of a period; source '' is all of them together.
CREATE TABLE score (
  user_id        INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
  period         TEXT NOT NULL,
  source         TEXT NOT NULL,
  visibility     INTEGER NOT NULL, -- of the user; -1 while suspended
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
  first_day      TEXT NOT NULL,
  PRIMARY KEY (user_id, period, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX score_tokens ON score (period, source, visibility, tokens DESC, user_id DESC);
CREATE INDEX score_cost ON score (period, source, visibility, cost_uusd DESC, user_id DESC);
CREATE INDEX score_output ON score (period, source, visibility, output DESC, user_id DESC);

CREATE TABLE audit (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  user_id INTEGER,
  action  TEXT NOT NULL,
  detail  TEXT NOT NULL DEFAULT ''
) STRICT;
