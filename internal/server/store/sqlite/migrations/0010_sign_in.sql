-- +goose Up

ALTER TABLE users ADD COLUMN name TEXT NOT NULL DEFAULT '' CHECK (length(name) <= 40); -- shown on the profile
ALTER TABLE users ADD COLUMN renamed_at INTEGER;                                       -- when the handle last changed

ALTER TABLE sessions ADD COLUMN id TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN way TEXT NOT NULL DEFAULT 'link' CHECK (length(way) <= 32);  -- how it was opened
ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '' CHECK (length(agent) <= 64);  -- "Firefox on Linux"
UPDATE sessions SET id = lower(hex(randomblob(16)));
CREATE UNIQUE INDEX sessions_id ON sessions (id);

-- Somebody elsewhere who may open an account: an issuer's subject, as a keyed hash.
CREATE TABLE identities (
  key        BLOB PRIMARY KEY CHECK (length(key) = 32), -- HMAC-SHA-256
  id         TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
  user_id    INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
  issuer     TEXT NOT NULL CHECK (length(issuer) BETWEEN 1 AND 255),
  created_at INTEGER NOT NULL,
  used_on    TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX identities_user ON identities (user_id);

CREATE TABLE passkeys (
  credential BLOB PRIMARY KEY CHECK (length(credential) BETWEEN 1 AND 1023),
  id         TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
  user_id    INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
  name       TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  public_key BLOB NOT NULL CHECK (length(public_key) BETWEEN 1 AND 2048), -- COSE
  aaguid     BLOB NOT NULL CHECK (length(aaguid) IN (0, 16)),             -- the authenticator's model
  transports TEXT NOT NULL DEFAULT '' CHECK (length(transports) <= 64),
  flags      INTEGER NOT NULL,                                            -- authenticator data's flags
  counter    INTEGER NOT NULL DEFAULT 0,                                  -- of signatures, where the authenticator counts
  created_at INTEGER NOT NULL,
  used_on    TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX passkeys_user ON passkeys (user_id);

-- Handles that their accounts gave up a short while ago: nobody else may have them yet.
CREATE TABLE held_handles (
  handle  BLOB PRIMARY KEY CHECK (length(handle) = 32), -- SHA-256
  by_user INTEGER NOT NULL,                             -- whose it was, and who may take it back
  until   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Challenges that were answered. Each is good once.
CREATE TABLE spent (
  challenge BLOB PRIMARY KEY CHECK (length(challenge) = 32), -- SHA-256
  until     INTEGER NOT NULL                                 -- after this it is too old anyway
) STRICT, WITHOUT ROWID;

ALTER TABLE device_grants ADD COLUMN token_id TEXT; -- that it was used up for
