-- +goose Up
-- +goose StatementBegin
SET LOCAL ROLE tf_owner;
ALTER TABLE tf.users
  ADD COLUMN name text NOT NULL DEFAULT '' CHECK (length(name) <= 40), -- shown on the profile
  ADD COLUMN renamed_at bigint;                                        -- when the handle last changed

ALTER TABLE tf.sessions
  ADD COLUMN id text COLLATE "C" NOT NULL DEFAULT gen_random_uuid()::text UNIQUE,
  ADD COLUMN way text NOT NULL DEFAULT 'link' CHECK (length(way) <= 32),   -- how it was opened
  ADD COLUMN agent text NOT NULL DEFAULT '' CHECK (length(agent) <= 64);   -- "Firefox on Linux"

-- Somebody elsewhere who may open an account: an issuer's subject, as a keyed hash.
CREATE TABLE tf.identities (
  key        bytea PRIMARY KEY CHECK (octet_length(key) = 32), -- HMAC-SHA-256
  id         text COLLATE "C" NOT NULL UNIQUE CHECK (length(id) = 36),
  user_id    bigint NOT NULL REFERENCES tf.users ON DELETE CASCADE,
  issuer     text COLLATE "C" NOT NULL CHECK (length(issuer) BETWEEN 1 AND 255),
  created_at bigint NOT NULL,
  used_on    text
);
CREATE INDEX identities_user ON tf.identities (user_id);

CREATE TABLE tf.passkeys (
  credential bytea PRIMARY KEY CHECK (octet_length(credential) BETWEEN 1 AND 1023),
  id         text COLLATE "C" NOT NULL UNIQUE CHECK (length(id) = 36),
  user_id    bigint NOT NULL REFERENCES tf.users ON DELETE CASCADE,
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  public_key bytea NOT NULL CHECK (octet_length(public_key) BETWEEN 1 AND 2048), -- COSE
  aaguid     bytea NOT NULL CHECK (octet_length(aaguid) IN (0, 16)),             -- the authenticator's model
  transports text NOT NULL DEFAULT '' CHECK (length(transports) <= 64),
  flags      bigint NOT NULL,                                                    -- authenticator data's flags
  counter    bigint NOT NULL DEFAULT 0,                                          -- of signatures, where the authenticator counts
  created_at bigint NOT NULL,
  used_on    text
);
CREATE INDEX passkeys_user ON tf.passkeys (user_id);

-- Handles that their accounts gave up a short while ago: nobody else may have them yet.
CREATE TABLE tf.held_handles (
  handle  bytea PRIMARY KEY CHECK (octet_length(handle) = 32), -- SHA-256
  by_user bigint NOT NULL,                                     -- whose it was, and who may take it back
  until   bigint NOT NULL
);

-- Challenges that were answered. Each is good once.
CREATE TABLE tf.spent (
  challenge bytea PRIMARY KEY CHECK (octet_length(challenge) = 32), -- SHA-256
  until     bigint NOT NULL                                         -- after this it is too old anyway
);
CREATE INDEX spent_until ON tf.spent (until);

ALTER TABLE tf.device_grants ADD COLUMN token_id text; -- that it was used up for

DO $$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY ARRAY['identities', 'passkeys', 'held_handles', 'spent'] LOOP
    EXECUTE format('ALTER TABLE tf.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE tf.%I FORCE ROW LEVEL SECURITY', t);
  END LOOP;
END $$;

GRANT UPDATE (handle, name, renamed_at) ON tf.users TO tf_door;
GRANT SELECT, INSERT, UPDATE (used_on), DELETE ON tf.identities TO tf_door;
GRANT SELECT, INSERT, UPDATE (used_on, counter, flags), DELETE ON tf.passkeys TO tf_door;
GRANT SELECT, INSERT, UPDATE, DELETE ON tf.held_handles TO tf_door;
GRANT SELECT, INSERT, DELETE ON tf.spent TO tf_door;
GRANT UPDATE (token_id) ON tf.device_grants TO tf_door;
-- What the owner is shown of how they sign in; of credentials nothing.
GRANT SELECT (id, user_id, issuer, created_at, used_on) ON tf.identities TO tf_app;
GRANT SELECT (id, user_id, name, created_at, used_on) ON tf.passkeys TO tf_app;
GRANT SELECT (id, user_id, way, agent, created_at, seen_at, expires_at, idle_s) ON tf.sessions TO tf_app;

CREATE POLICY own ON tf.identities FOR SELECT TO tf_app, tf_owner USING (user_id = (SELECT tf.uid()));
CREATE POLICY own ON tf.passkeys FOR SELECT TO tf_app, tf_owner USING (user_id = (SELECT tf.uid()));
CREATE POLICY own ON tf.sessions FOR SELECT TO tf_app, tf_owner USING (user_id = (SELECT tf.uid()));
CREATE POLICY door_look_up ON tf.identities FOR SELECT TO tf_door USING (true);
CREATE POLICY door_own ON tf.identities FOR ALL TO tf_door USING (user_id = (SELECT tf.uid())) WITH CHECK (user_id = (SELECT tf.uid()));
CREATE POLICY door_look_up ON tf.passkeys FOR SELECT TO tf_door USING (true);
CREATE POLICY door_own ON tf.passkeys FOR ALL TO tf_door USING (user_id = (SELECT tf.uid())) WITH CHECK (user_id = (SELECT tf.uid()));
CREATE POLICY door_look_up ON tf.held_handles FOR SELECT TO tf_door USING (true);
CREATE POLICY door_own ON tf.held_handles FOR ALL TO tf_door USING (by_user = (SELECT tf.uid())) WITH CHECK (by_user = (SELECT tf.uid()));
CREATE POLICY door_all ON tf.spent FOR ALL TO tf_door USING (true) WITH CHECK (true);

GRANT CREATE ON SCHEMA tf TO tf_door;
SET LOCAL ROLE tf_door;

-- Whether somebody else gave the handle up less than its time ago.
CREATE FUNCTION tf.handle_held(p_handle text, p_user bigint, p_at bigint) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM tf.held_handles h WHERE h.handle = sha256(convert_to(p_handle, 'UTF8')) AND h.until > p_at AND h.by_user <> p_user) $$;

CREATE OR REPLACE FUNCTION tf.add_user(p_handle text, p_at bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  new_id bigint := nextval('tf.users_id_seq');
BEGIN
  IF tf.handle_held(p_handle, new_id, p_at) THEN
    PERFORM tf.refuse('23505');
  END IF;
  PERFORM tf.become(new_id);
  INSERT INTO tf.users (id, handle, created_at) OVERRIDING SYSTEM VALUE VALUES (new_id, p_handle, p_at);
  PERFORM tf.note(p_at, 'account', '');
  RETURN new_id;
END $$;

-- A session of the identity that the transaction has. What is over of it goes.
CREATE FUNCTION tf.open_session(p_session bytea, p_id text, p_way text, p_agent text, p_at bigint, p_expires bigint, p_idle bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  DELETE FROM tf.sessions WHERE user_id = me AND (expires_at <= p_at OR seen_at + idle_s <= p_at);
  INSERT INTO tf.sessions (secret, user_id, created_at, seen_at, expires_at, idle_s, id, way, agent)
  VALUES (p_session, me, p_at, p_at, p_expires, p_idle, p_id, p_way, p_agent);
END $$;

DROP FUNCTION tf.sign_in(bytea, bytea, bigint, bigint, bigint);
CREATE FUNCTION tf.sign_in(p_link bytea, p_session bytea, p_id text, p_way text, p_agent text, p_at bigint, p_expires bigint, p_idle bigint,
  OUT o_user bigint, OUT o_handle text, OUT o_visibility smallint, OUT o_created bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT i.o_user, i.o_handle, i.o_visibility, i.o_created INTO o_user, o_handle, o_visibility, o_created FROM tf.invite(p_link, p_at) i;
  -- Of calls at once the others wait here for the first, and then find the link used.
  UPDATE tf.invites SET used_at = p_at WHERE secret = p_link AND used_at IS NULL;
  IF NOT FOUND THEN
    PERFORM tf.refuse('TF410');
  END IF;
  PERFORM tf.open_session(p_session, p_id, p_way, p_agent, p_at, p_expires, p_idle);
END $$;

DROP FUNCTION tf.session_actor(bytea, bigint);
CREATE FUNCTION tf.session_actor(p_key bytea, p_at bigint,
  OUT o_user bigint, OUT o_handle text, OUT o_visibility smallint, OUT o_since bigint, OUT o_id text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  seen bigint;
BEGIN
  SELECT s.user_id, s.created_at, s.seen_at, s.id INTO o_user, o_since, seen, o_id FROM tf.sessions s
   WHERE s.secret = p_key AND s.expires_at > p_at AND s.seen_at + s.idle_s > p_at;
  IF o_user IS NOT NULL THEN
    PERFORM tf.become(o_user);
    SELECT u.handle, u.visibility INTO o_handle, o_visibility FROM tf.users u WHERE u.id = o_user AND u.state <> 2;
  END IF;
  IF o_handle IS NULL THEN
    PERFORM tf.refuse('TF404');
  END IF;
  IF p_at - seen >= 3600 THEN -- a write an hour is enough to tell idle from used
    UPDATE tf.sessions SET seen_at = p_at WHERE secret = p_key;
  END IF;
END $$;

-- By its secret the session ends that asks; by its id another of the same account.
CREATE FUNCTION tf.end_session(p_id text, p_at bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM tf.sessions WHERE user_id = tf.uid() AND id = p_id;
  IF FOUND THEN
    PERFORM tf.note(p_at, 'end session', '');
  END IF;
END $$;
CREATE FUNCTION tf.end_other_sessions(p_key bytea, p_at bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM tf.sessions WHERE user_id = tf.uid() AND secret <> p_key;
  PERFORM tf.note(p_at, 'end other sessions', '');
END $$;

CREATE FUNCTION tf.spend(p_challenge bytea, p_until bigint, p_at bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM tf.spent WHERE until <= p_at;
  INSERT INTO tf.spent VALUES (p_challenge, p_until) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    PERFORM tf.refuse('TF410');
  END IF;
END $$;

-- The server's word is that whoever is behind the key has just proved it elsewhere.
CREATE FUNCTION tf.sign_in_by(p_key bytea, p_today text, p_session bytea, p_id text, p_way text, p_agent text, p_at bigint, p_expires bigint, p_idle bigint,
  OUT o_user bigint, OUT o_handle text, OUT o_visibility smallint, OUT o_created bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT i.user_id INTO o_user FROM tf.identities i WHERE i.key = p_key;
  IF o_user IS NULL THEN
    PERFORM tf.refuse('TF404');
  END IF;
  PERFORM tf.become(o_user);
  SELECT u.handle, u.visibility, u.created_at INTO o_handle, o_visibility, o_created FROM tf.users u WHERE u.id = o_user AND u.state <> 2;
  IF o_handle IS NULL THEN
    PERFORM tf.refuse('TF403');
  END IF;
  UPDATE tf.identities SET used_on = p_today WHERE key = p_key;
  PERFORM tf.open_session(p_session, p_id, p_way, p_agent, p_at, p_expires, p_idle);
END $$;

CREATE FUNCTION tf.sign_up(p_handle text, p_key bytea, p_identity text, p_issuer text, p_today text,
  p_session bytea, p_id text, p_way text, p_agent text, p_at bigint, p_expires bigint, p_idle bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  new_id bigint;
BEGIN
  IF EXISTS (SELECT FROM tf.identities WHERE key = p_key) THEN
    PERFORM tf.refuse('TF410');
  END IF;
  new_id := tf.add_user(p_handle, p_at);
  INSERT INTO tf.identities VALUES (p_key, p_identity, new_id, p_issuer, p_at, p_today);
  PERFORM tf.open_session(p_session, p_id, p_way, p_agent, p_at, p_expires, p_idle);
  RETURN new_id;
END $$;

CREATE FUNCTION tf.link_identity(p_key bytea, p_identity text, p_issuer text, p_at bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
  owner bigint;
BEGIN
  SELECT user_id INTO owner FROM tf.identities WHERE key = p_key;
  IF owner = me THEN
    RETURN;
  END IF;
  IF (SELECT count(*) FROM tf.identities WHERE user_id = me) >= 16 THEN
    PERFORM tf.refuse('TF429');
  END IF;
  INSERT INTO tf.identities VALUES (p_key, p_identity, me, p_issuer, p_at, NULL);
  PERFORM tf.note(p_at, 'link', p_issuer);
END $$;

CREATE FUNCTION tf.add_passkey(p_credential bytea, p_id text, p_name text, p_public_key bytea, p_aaguid bytea, p_transports text, p_flags bigint,
  p_counter bigint, p_at bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  IF (SELECT count(*) FROM tf.passkeys WHERE user_id = me) >= 16 THEN
    PERFORM tf.refuse('TF429');
  END IF;
  INSERT INTO tf.passkeys VALUES (p_credential, p_id, me, p_name, p_public_key, p_aaguid, p_transports, p_flags, p_counter, p_at, NULL);
  PERFORM tf.note(p_at, 'passkey', p_id);
END $$;

-- What checks an answer of the authenticator that has the credential.
CREATE FUNCTION tf.passkey(p_credential bytea, OUT o_user bigint, OUT o_id text, OUT o_name text, OUT o_public_key bytea, OUT o_aaguid bytea,
  OUT o_transports text, OUT o_flags bigint, OUT o_counter bigint, OUT o_created bigint, OUT o_used text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT user_id, id, name, public_key, aaguid, transports, flags, counter, created_at, coalesce(used_on, '')
    INTO o_user, o_id, o_name, o_public_key, o_aaguid, o_transports, o_flags, o_counter, o_created, o_used
    FROM tf.passkeys WHERE credential = p_credential;
  IF o_user IS NULL THEN
    PERFORM tf.refuse('TF404');
  END IF;
END $$;

-- Which authenticators the account has already, so that none is added twice.
CREATE FUNCTION tf.own_credentials() RETURNS TABLE (o_id text, o_credential bytea) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT id, credential FROM tf.passkeys WHERE user_id = tf.uid() $$;

CREATE FUNCTION tf.sign_in_by_passkey(p_credential bytea, p_flags bigint, p_counter bigint, p_today text,
  p_session bytea, p_id text, p_way text, p_agent text, p_at bigint, p_expires bigint, p_idle bigint,
  OUT o_user bigint, OUT o_handle text, OUT o_visibility smallint, OUT o_created bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT p.user_id INTO o_user FROM tf.passkeys p WHERE p.credential = p_credential;
  IF o_user IS NULL THEN
    PERFORM tf.refuse('TF404');
  END IF;
  PERFORM tf.become(o_user);
  SELECT u.handle, u.visibility, u.created_at INTO o_handle, o_visibility, o_created FROM tf.users u WHERE u.id = o_user AND u.state <> 2;
  IF o_handle IS NULL THEN
    PERFORM tf.refuse('TF403');
  END IF;
  -- A counter that stands still is of an authenticator that does not count; one that goes back is a copy's.
  UPDATE tf.passkeys SET used_on = p_today, flags = p_flags, counter = p_counter
   WHERE credential = p_credential AND (counter < p_counter OR counter = 0 AND p_counter = 0);
  IF NOT FOUND THEN
    PERFORM tf.refuse('TF410');
  END IF;
  PERFORM tf.open_session(p_session, p_id, p_way, p_agent, p_at, p_expires, p_idle);
END $$;

-- Takes away one way to sign in, but never the last: an identity of an issuer that is on, or a passkey if they are.
CREATE FUNCTION tf.remove_way(p_id text, p_issuers text[], p_passkeys boolean, p_at bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  IF NOT EXISTS (SELECT FROM tf.identities WHERE user_id = me AND id = p_id UNION ALL SELECT FROM tf.passkeys WHERE user_id = me AND id = p_id) THEN
    PERFORM tf.refuse('TF404');
  END IF;
  IF NOT EXISTS (SELECT FROM tf.identities WHERE user_id = me AND id <> p_id AND issuer = ANY (p_issuers)
      UNION ALL SELECT FROM tf.passkeys WHERE user_id = me AND id <> p_id AND p_passkeys) THEN
    PERFORM tf.refuse('TF423');
  END IF;
  DELETE FROM tf.identities WHERE user_id = me AND id = p_id;
  DELETE FROM tf.passkeys WHERE user_id = me AND id = p_id;
  PERFORM tf.note(p_at, 'unlink', p_id);
END $$;

CREATE FUNCTION tf.rename(p_handle text, p_at bigint, p_wait bigint, p_hold bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
  old text;
  last bigint;
BEGIN
  SELECT handle, renamed_at INTO old, last FROM tf.users WHERE id = me;
  IF old = p_handle THEN
    RETURN;
  END IF;
  IF last > p_at - p_wait THEN
    PERFORM tf.refuse('TF425');
  END IF;
  IF tf.handle_held(p_handle, me, p_at) THEN
    PERFORM tf.refuse('23505');
  END IF;
  DELETE FROM tf.held_handles WHERE by_user = me AND (until <= p_at OR handle = sha256(convert_to(p_handle, 'UTF8')));
  UPDATE tf.users SET handle = p_handle, renamed_at = p_at WHERE id = me;
  -- Nobody else holds the old one: it was this account's until now.
  PERFORM tf.hold_handle(old, me, p_at + p_hold);
  PERFORM tf.note(p_at, 'rename', '');
END $$;

-- A row of a hold that is over may be somebody else's, which this account cannot touch: it is taken over by becoming them.
CREATE FUNCTION tf.hold_handle(p_handle text, p_user bigint, p_until bigint) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  h bytea := sha256(convert_to(p_handle, 'UTF8'));
  before bigint;
BEGIN
  SELECT by_user INTO before FROM tf.held_handles WHERE handle = h;
  IF before IS NOT NULL THEN
    PERFORM tf.become(before);
    DELETE FROM tf.held_handles WHERE handle = h;
    PERFORM tf.become(p_user);
  END IF;
  INSERT INTO tf.held_handles VALUES (h, p_user, p_until);
END $$;

CREATE FUNCTION tf.set_name(p_name text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ UPDATE tf.users SET name = p_name WHERE id = tf.me() $$;

GRANT EXECUTE ON FUNCTION tf.sign_in, tf.session_actor, tf.end_session, tf.end_other_sessions, tf.spend, tf.sign_in_by, tf.sign_up, tf.link_identity,
  tf.add_passkey, tf.passkey, tf.own_credentials, tf.sign_in_by_passkey, tf.remove_way, tf.rename, tf.set_name TO tf_app, tf_owner;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door;
-- +goose StatementEnd
