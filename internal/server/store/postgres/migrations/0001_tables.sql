-- +goose Up
-- +goose StatementBegin
-- A new function is nobody's to call until it is granted.
SET LOCAL ROLE tf_door;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
SET LOCAL ROLE tf_sum;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
SET LOCAL ROLE tf_owner;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- Times are seconds since 1970 in UTC unless a comment says otherwise, days are YYYY-MM-DD.
CREATE TABLE tf.mac_key (
  one   boolean PRIMARY KEY DEFAULT true CHECK (one),
  value bytea NOT NULL CHECK (octet_length(value) = 32)
);

CREATE TABLE tf.secret (
  name  text COLLATE "C" PRIMARY KEY,
  value bytea NOT NULL CHECK (octet_length(value) = 32)
);

CREATE TABLE tf.instance (
  one  boolean PRIMARY KEY DEFAULT true CHECK (one),
  site text NOT NULL
);

CREATE TABLE tf.users (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  handle     text COLLATE "C" NOT NULL UNIQUE CHECK (handle ~ '^[a-z0-9]([a-z0-9-]{0,37}[a-z0-9])?$'),
  visibility smallint NOT NULL DEFAULT 0 CHECK (visibility IN (0, 1, 2)), -- private, aggregate, public
  state      smallint NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)),      -- fine, under review, suspended
  created_at bigint NOT NULL
);

CREATE TABLE tf.devices (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id      bigint NOT NULL REFERENCES tf.users ON DELETE CASCADE,
  name         text COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  os           text NOT NULL DEFAULT '' CHECK (length(os) <= 32),
  client       text NOT NULL DEFAULT '' CHECK (length(client) <= 64),
  created_at   bigint NOT NULL,
  last_seq     bigint NOT NULL DEFAULT 0,
  last_body    bytea CHECK (octet_length(last_body) = 32),
  last_receipt text,
  synced_at    bigint,
  UNIQUE (user_id, id),
  UNIQUE (user_id, name)
);

CREATE TABLE tf.tokens (
  secret     bytea PRIMARY KEY CHECK (octet_length(secret) = 32), -- SHA-256
  id         text COLLATE "C" NOT NULL UNIQUE CHECK (length(id) = 36),
  user_id    bigint NOT NULL,
  device_id  bigint NOT NULL,
  hint       text NOT NULL CHECK (length(hint) = 4),
  scope      text NOT NULL,
  created_at bigint NOT NULL,
  used_on    text,
  expires_at bigint,
  revoked_at bigint,
  FOREIGN KEY (user_id, device_id) REFERENCES tf.devices (user_id, id) ON DELETE CASCADE
);
CREATE INDEX tokens_user ON tf.tokens (user_id, device_id);

CREATE TABLE tf.invites (
  secret     bytea PRIMARY KEY CHECK (octet_length(secret) = 32),
  user_id    bigint NOT NULL REFERENCES tf.users ON DELETE CASCADE,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  used_at    bigint
);
CREATE INDEX invites_user ON tf.invites (user_id);

CREATE TABLE tf.sessions (
  secret     bytea PRIMARY KEY CHECK (octet_length(secret) = 32),
  user_id    bigint NOT NULL REFERENCES tf.users ON DELETE CASCADE,
  created_at bigint NOT NULL,
  seen_at    bigint NOT NULL,
  expires_at bigint NOT NULL,
  idle_s     bigint NOT NULL
);
CREATE INDEX sessions_user ON tf.sessions (user_id);

CREATE TABLE tf.device_grants (
  device_code  bytea PRIMARY KEY CHECK (octet_length(device_code) = 32),     -- SHA-256
  user_code    bytea NOT NULL UNIQUE CHECK (octet_length(user_code) = 32),   -- HMAC-SHA-256
  name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  os           text NOT NULL CHECK (length(os) <= 32),
  client       text NOT NULL CHECK (length(client) <= 64),
  scope        text NOT NULL,
  address      text NOT NULL,
  network      text NOT NULL,
  created_at   bigint NOT NULL,
  expires_at   bigint NOT NULL,
  interval_s   bigint NOT NULL,
  next_poll_at bigint NOT NULL DEFAULT 0,                                    -- milliseconds
  state        text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'approved', 'denied', 'consumed')),
  user_id      bigint REFERENCES tf.users ON DELETE CASCADE                  -- who approved it
);
CREATE INDEX device_grants_network ON tf.device_grants (network, address);
CREATE INDEX device_grants_end ON tf.device_grants (expires_at);

-- By person, so that an upload, an export and an erasure touch one partition each.
CREATE TABLE tf.usage_day (
  user_id        bigint NOT NULL,
  device_id      bigint NOT NULL,
  day            text COLLATE "C" NOT NULL CHECK (day ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'),
  source         text COLLATE "C" NOT NULL CHECK (source ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
  model          text COLLATE "C" NOT NULL CHECK (model ~ '^[a-z0-9][a-z0-9._:/@+-]{0,95}$'),
  band           integer NOT NULL CHECK (band IN (0, 32000, 100000, 128000, 200000, 256000, 272000, 512000)),
  tier           text COLLATE "C" NOT NULL CHECK (tier IN ('standard', 'fast', 'priority', 'flex', 'batch')),
  requests       bigint NOT NULL CHECK (requests BETWEEN 0 AND 1000000000000),
  input          bigint NOT NULL CHECK (input BETWEEN 0 AND 1000000000000),
  cache_read     bigint NOT NULL CHECK (cache_read BETWEEN 0 AND 1000000000000),
  cache_write_5m bigint NOT NULL CHECK (cache_write_5m BETWEEN 0 AND 1000000000000),
  cache_write_1h bigint NOT NULL CHECK (cache_write_1h BETWEEN 0 AND 1000000000000),
  output         bigint NOT NULL CHECK (output BETWEEN 0 AND 1000000000000),
  reasoning      bigint NOT NULL CHECK (reasoning BETWEEN 0 AND output),
  cost_uusd      bigint NOT NULL CHECK (cost_uusd >= 0),
  priced         boolean NOT NULL,
  book           text COLLATE "C" NOT NULL,                                  -- date of the price book behind cost_uusd
  parser         integer NOT NULL,                                           -- revision of the client's parser
  held           boolean NOT NULL DEFAULT false,
  first_seen_at  bigint NOT NULL,
  PRIMARY KEY (user_id, day, source, device_id, model, band, tier),
  -- Never above $1000 a million tokens, whatever a price book says.
  CHECK (cost_uusd <= 1000 * (input + cache_read + cache_write_5m + cache_write_1h + output)),
  CHECK (priced OR cost_uusd = 0),
  FOREIGN KEY (user_id, device_id) REFERENCES tf.devices (user_id, id) ON DELETE CASCADE
) PARTITION BY HASH (user_id);
DO $$ BEGIN
  FOR i IN 0..15 LOOP
    EXECUTE format('CREATE TABLE tf.usage_day_p%s PARTITION OF tf.usage_day FOR VALUES WITH (MODULUS 16, REMAINDER %s)', i, i);
  END LOOP;
END $$;
CREATE INDEX usage_day_device ON tf.usage_day (user_id, device_id);
CREATE INDEX usage_day_model ON tf.usage_day (model, user_id);
CREATE INDEX usage_day_book ON tf.usage_day (book, user_id);

-- A cell, one day of one source, that waits for review or was released from it.
CREATE TABLE tf.holds (
  user_id     bigint NOT NULL REFERENCES tf.users ON DELETE CASCADE,
  day         text COLLATE "C" NOT NULL,
  source      text COLLATE "C" NOT NULL,
  reason      text NOT NULL,
  line        bigint NOT NULL,
  value       bigint NOT NULL,
  held_at     bigint NOT NULL,
  released_at bigint,
  PRIMARY KEY (user_id, day, source)
);

-- What counts: usage_day without its held cells, summed over devices and models.
CREATE TABLE tf.user_day (
  user_id        bigint NOT NULL REFERENCES tf.users ON DELETE CASCADE,
  day            text COLLATE "C" NOT NULL,
  source         text COLLATE "C" NOT NULL,
  requests       bigint NOT NULL,
  input          bigint NOT NULL,
  cache_read     bigint NOT NULL,
  cache_write_5m bigint NOT NULL,
  cache_write_1h bigint NOT NULL,
  output         bigint NOT NULL,
  reasoning      bigint NOT NULL,
  cost_uusd      bigint NOT NULL,
  unpriced       bigint NOT NULL, -- tokens
  PRIMARY KEY (user_id, day, source)
);

-- user_day summed over the days of a period; source '' is all of them together.
CREATE TABLE tf.score (
  user_id        bigint NOT NULL REFERENCES tf.users ON DELETE CASCADE,
  period         text COLLATE "C" NOT NULL,
  source         text COLLATE "C" NOT NULL,
  visibility     smallint NOT NULL, -- of the user; -1 while suspended
  requests       bigint NOT NULL,
  input          bigint NOT NULL,
  cache_read     bigint NOT NULL,
  cache_write_5m bigint NOT NULL,
  cache_write_1h bigint NOT NULL,
  output         bigint NOT NULL,
  reasoning      bigint NOT NULL,
  tokens         bigint NOT NULL,
  cost_uusd      bigint NOT NULL,
  unpriced       bigint NOT NULL,
  active_days    bigint NOT NULL,
  first_day      text COLLATE "C" NOT NULL,
  PRIMARY KEY (user_id, period, source)
);
CREATE INDEX score_tokens ON tf.score (period, source, tokens DESC, user_id DESC) WHERE visibility = 2;
CREATE INDEX score_cost ON tf.score (period, source, cost_uusd DESC, user_id DESC) WHERE visibility = 2;
CREATE INDEX score_output ON tf.score (period, source, output DESC, user_id DESC) WHERE visibility = 2;
CREATE INDEX score_visibility ON tf.score (period, source, visibility);

CREATE TABLE tf.audit (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at      bigint NOT NULL,
  user_id bigint,
  action  text NOT NULL,
  detail  text NOT NULL DEFAULT ''
);
CREATE FUNCTION tf.append_only() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
  $$ BEGIN RAISE EXCEPTION 'append-only' USING ERRCODE = '42501'; END $$;
CREATE TRIGGER audit_row BEFORE UPDATE OR DELETE ON tf.audit FOR EACH ROW EXECUTE FUNCTION tf.append_only();
CREATE TRIGGER audit_table BEFORE TRUNCATE ON tf.audit EXECUTE FUNCTION tf.append_only();

DO $$ DECLARE t regclass; BEGIN
  FOR t IN SELECT c.oid FROM pg_class c WHERE c.relnamespace = 'tf'::regnamespace AND c.relkind IN ('r', 'p') LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
  END LOOP;
END $$;
-- +goose StatementEnd
