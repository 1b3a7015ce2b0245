-- +goose Up
-- +goose StatementBegin
-- Doors of accounts, sign-in, devices and grants. They answer refusals as SQLSTATE TF4xx.
GRANT CREATE ON SCHEMA tf TO tf_door;
SET LOCAL ROLE tf_door;

CREATE FUNCTION tf.refuse(p_code text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
  $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = p_code; END $$;

-- Whose transaction this is, with the account locked: one write of an account at a time, or sums made of it would miss another's.
CREATE FUNCTION tf.me() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint;
BEGIN
  SELECT id INTO me FROM tf.users WHERE id = (SELECT tf.uid()) FOR NO KEY UPDATE;
  IF me IS NULL THEN
    PERFORM tf.refuse('TF404');
  END IF;
  RETURN me;
END $$;

CREATE FUNCTION tf.note(p_at bigint, p_action text, p_detail text) RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO tf.audit (at, user_id, action, detail) VALUES (p_at, tf.uid(), p_action, p_detail) $$;

CREATE FUNCTION tf.first_key(p_value bytea) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO tf.mac_key (value) VALUES (p_value) ON CONFLICT DO NOTHING $$;

CREATE FUNCTION tf.server_key(p_name text, p_fresh bytea) RETURNS bytea LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO tf.secret VALUES (p_name, p_fresh) ON CONFLICT DO NOTHING;
  RETURN (SELECT value FROM tf.secret WHERE name = p_name);
END $$;

-- The server says once where it is. Only the host can say otherwise: links that sign people in are made of it.
CREATE FUNCTION tf.first_site(p_site text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO tf.instance (site) VALUES (p_site) ON CONFLICT DO NOTHING $$;
CREATE FUNCTION tf.set_site(p_site text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO tf.instance (site) VALUES (p_site) ON CONFLICT (one) DO UPDATE SET site = EXCLUDED.site $$;

CREATE FUNCTION tf.add_user(p_handle text, p_at bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  new_id bigint := nextval('tf.users_id_seq');
BEGIN
  PERFORM tf.become(new_id);
  INSERT INTO tf.users (id, handle, created_at) OVERRIDING SYSTEM VALUE VALUES (new_id, p_handle, p_at);
  PERFORM tf.note(p_at, 'account', '');
  RETURN new_id;
END $$;

CREATE FUNCTION tf.set_visibility(p_visibility smallint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  UPDATE tf.users SET visibility = p_visibility WHERE id = me;
  UPDATE tf.score SET visibility = (SELECT CASE state WHEN 0 THEN p_visibility ELSE -1 END FROM tf.users WHERE id = me) WHERE user_id = me;
END $$;

CREATE FUNCTION tf.add_invite(p_secret bytea, p_at bigint, p_expires bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  -- Links that can no longer be used are of no use to anybody but a thief.
  DELETE FROM tf.invites WHERE user_id = me AND expires_at <= p_at;
  INSERT INTO tf.invites (secret, user_id, created_at, expires_at) VALUES (p_secret, me, p_at, p_expires);
  PERFORM tf.note(p_at, 'invite', '');
END $$;

CREATE FUNCTION tf.invite(p_secret bytea, p_at bigint,
  OUT o_user bigint, OUT o_handle text, OUT o_visibility smallint, OUT o_created bigint, OUT o_expires bigint, OUT o_new boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT i.user_id, i.expires_at INTO o_user, o_expires FROM tf.invites i
   WHERE i.secret = p_secret AND i.used_at IS NULL AND i.expires_at > p_at;
  IF o_user IS NOT NULL THEN
    PERFORM tf.become(o_user);
    SELECT u.handle, u.visibility, u.created_at INTO o_handle, o_visibility, o_created FROM tf.users u WHERE u.id = o_user AND u.state <> 2;
  END IF;
  IF o_handle IS NULL THEN
    PERFORM tf.refuse('TF410');
  END IF;
  o_new := NOT EXISTS (SELECT FROM tf.invites j WHERE j.user_id = o_user AND j.used_at IS NOT NULL)
    AND NOT EXISTS (SELECT FROM tf.sessions s WHERE s.user_id = o_user);
END $$;

CREATE FUNCTION tf.sign_in(p_link bytea, p_session bytea, p_at bigint, p_expires bigint, p_idle bigint,
  OUT o_user bigint, OUT o_handle text, OUT o_visibility smallint, OUT o_created bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT i.o_user, i.o_handle, i.o_visibility, i.o_created INTO o_user, o_handle, o_visibility, o_created FROM tf.invite(p_link, p_at) i;
  -- Of calls at once the others wait here for the first, and then find the link used.
  UPDATE tf.invites SET used_at = p_at WHERE secret = p_link AND used_at IS NULL;
  IF NOT FOUND THEN
    PERFORM tf.refuse('TF410');
  END IF;
  DELETE FROM tf.sessions WHERE user_id = o_user AND (expires_at <= p_at OR seen_at + idle_s <= p_at);
  INSERT INTO tf.sessions VALUES (p_session, o_user, p_at, p_at, p_expires, p_idle);
END $$;

CREATE FUNCTION tf.session_actor(p_key bytea, p_at bigint,
  OUT o_user bigint, OUT o_handle text, OUT o_visibility smallint, OUT o_since bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  seen bigint;
BEGIN
  SELECT s.user_id, s.created_at, s.seen_at INTO o_user, o_since, seen FROM tf.sessions s
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

CREATE FUNCTION tf.sign_out(p_key bytea) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ DELETE FROM tf.sessions WHERE secret = p_key AND user_id = tf.uid() $$;

CREATE FUNCTION tf.token_actor(p_key bytea, p_at bigint, p_today text,
  OUT o_user bigint, OUT o_handle text, OUT o_visibility smallint, OUT o_device bigint, OUT o_name text, OUT o_id text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  used text;
BEGIN
  SELECT t.user_id, t.device_id, t.id, t.used_on INTO o_user, o_device, o_id, used FROM tf.tokens t
   WHERE t.secret = p_key AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > p_at);
  IF o_user IS NULL THEN
    PERFORM tf.refuse('TF404');
  END IF;
  PERFORM tf.become(o_user);
  SELECT u.handle, u.visibility INTO o_handle, o_visibility FROM tf.users u WHERE u.id = o_user;
  SELECT d.name INTO o_name FROM tf.devices d WHERE d.id = o_device;
  IF used IS DISTINCT FROM p_today THEN
    UPDATE tf.tokens SET used_on = p_today WHERE secret = p_key;
  END IF;
END $$;

-- A new device of the account, which is locked. If the name is taken it gets the next number.
CREATE FUNCTION tf.new_device(p_name text, p_os text, p_client text, p_at bigint, OUT o_id bigint, OUT o_name text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.uid();
  n int := 2;
BEGIN
  IF (SELECT count(*) FROM tf.devices WHERE user_id = me) >= 32 THEN
    PERFORM tf.refuse('TF429');
  END IF;
  o_name := p_name;
  WHILE EXISTS (SELECT FROM tf.devices d WHERE d.user_id = me AND d.name = o_name) LOOP
    o_name := left(p_name, 63 - length(n::text)) || '-' || n;
    n := n + 1;
  END LOOP;
  INSERT INTO tf.devices (user_id, name, os, client, created_at) VALUES (me, o_name, p_os, p_client, p_at) RETURNING id INTO o_id;
END $$;

CREATE FUNCTION tf.mint(p_device bigint, p_secret bytea, p_id text, p_hint text, p_scope text, p_at bigint, p_expires bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (SELECT count(*) FROM tf.tokens t WHERE t.user_id = tf.uid() AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > p_at)) >= 32 THEN
    PERFORM tf.refuse('TF429');
  END IF;
  INSERT INTO tf.tokens (secret, id, user_id, device_id, hint, scope, created_at, expires_at)
  VALUES (p_secret, p_id, tf.uid(), p_device, p_hint, p_scope, p_at, p_expires);
  PERFORM tf.note(p_at, 'token', p_id);
END $$;

CREATE FUNCTION tf.add_token(p_device text, p_secret bytea, p_id text, p_hint text, p_scope text, p_at bigint, p_expires bigint,
  OUT o_device bigint, OUT o_name text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  IF p_device <> '' THEN
    SELECT d.id, d.name INTO o_device, o_name FROM tf.devices d WHERE d.user_id = me AND d.name = p_device;
  END IF;
  IF o_device IS NULL THEN
    SELECT d.o_id, d.o_name INTO o_device, o_name FROM tf.new_device(coalesce(nullif(p_device, ''), 'device'), '', '', p_at) d;
  END IF;
  PERFORM tf.mint(o_device, p_secret, p_id, p_hint, p_scope, p_at, p_expires);
END $$;

CREATE FUNCTION tf.revoke_token(p_id text, p_at bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE tf.tokens SET revoked_at = p_at WHERE user_id = tf.uid() AND id = p_id AND revoked_at IS NULL;
  IF FOUND THEN
    PERFORM tf.note(p_at, 'revoke', p_id);
  END IF;
END $$;

CREATE FUNCTION tf.rename_device(p_device bigint, p_name text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE tf.devices SET name = p_name WHERE user_id = tf.uid() AND id = p_device;
  IF NOT FOUND THEN
    PERFORM tf.refuse('TF404');
  END IF;
END $$;

CREATE FUNCTION tf.revoke_device(p_device bigint, p_at bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM tf.devices WHERE user_id = tf.uid() AND id = p_device) THEN
    PERFORM tf.refuse('TF404');
  END IF;
  UPDATE tf.tokens SET revoked_at = p_at WHERE user_id = tf.uid() AND device_id = p_device AND revoked_at IS NULL;
  PERFORM tf.note(p_at, 'revoke device', p_device::text);
END $$;

CREATE FUNCTION tf.add_grant(p_device_code bytea, p_user_code bytea, p_name text, p_os text, p_client text, p_scope text,
  p_address text, p_network text, p_at bigint, p_expires bigint, p_interval bigint, p_near int, p_around int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  near bigint;
  around bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(p_network, 0)); -- or requests at once would not count each other
  DELETE FROM tf.device_grants WHERE expires_at <= p_at - 3600;  -- an hour after their end nobody asks for them any more
  SELECT count(*) FILTER (WHERE g.address = p_address), count(*) INTO near, around FROM tf.device_grants g
   WHERE g.network = p_network AND g.expires_at > p_at AND g.state IN ('pending', 'approved');
  IF near >= p_near OR around >= p_around THEN
    PERFORM tf.refuse('TF429');
  END IF;
  INSERT INTO tf.device_grants (device_code, user_code, name, os, client, scope, address, network, created_at, expires_at, interval_s)
  VALUES (p_device_code, p_user_code, p_name, p_os, p_client, p_scope, p_address, p_network, p_at, p_expires, p_interval);
END $$;

CREATE FUNCTION tf.pending_grant(p_user_code bytea, p_at bigint, OUT o_name text, OUT o_os text, OUT o_client text, OUT o_scope text,
  OUT o_address text, OUT o_network text, OUT o_at bigint, OUT o_expires bigint, OUT o_interval bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT name, os, client, scope, address, network, created_at, expires_at, interval_s
    INTO o_name, o_os, o_client, o_scope, o_address, o_network, o_at, o_expires, o_interval
    FROM tf.device_grants WHERE user_code = p_user_code AND state = 'pending' AND expires_at > p_at;
  IF NOT FOUND THEN
    PERFORM tf.refuse('TF404');
  END IF;
END $$;

CREATE FUNCTION tf.decide_grant(p_user_code bytea, p_approve boolean, p_at bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  UPDATE tf.device_grants SET state = CASE WHEN p_approve THEN 'approved' ELSE 'denied' END, user_id = CASE WHEN p_approve THEN me END
   WHERE user_code = p_user_code AND state = 'pending' AND expires_at > p_at;
  IF NOT FOUND THEN
    PERFORM tf.refuse('TF404');
  END IF;
  IF p_approve THEN
    PERFORM tf.note(p_at, 'approve device', '');
  END IF;
END $$;

-- The device that a machine comes back as: the one of its name that nobody is signed in on any more, or a new one.
CREATE FUNCTION tf.returning_device(p_name text, p_os text, p_client text, p_at bigint, OUT o_id bigint, OUT o_name text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT d.id, d.name INTO o_id, o_name FROM tf.devices d WHERE d.user_id = tf.uid() AND d.name = p_name
     AND NOT EXISTS (SELECT FROM tf.tokens t WHERE t.user_id = d.user_id AND t.device_id = d.id
                     AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > p_at));
  IF o_id IS NULL THEN
    SELECT n.o_id, n.o_name INTO o_id, o_name FROM tf.new_device(p_name, p_os, p_client, p_at) n;
    RETURN;
  END IF;
  -- Uploads by its old tokens cannot come any more, so their numbers bind it no longer.
  UPDATE tf.devices SET os = p_os, client = p_client, last_seq = 0, last_body = NULL, last_receipt = NULL WHERE id = o_id;
END $$;

-- One poll. Polls at once wait for each other at the grant's row.
CREATE FUNCTION tf.poll_grant(p_device_code bytea, p_at_ms bigint, p_slow bigint, p_secret bytea, p_id text, p_hint text, p_expires bigint,
  OUT o_state text, OUT o_handle text, OUT o_device bigint, OUT o_name text, OUT o_scope text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  g tf.device_grants;
  p_at bigint := p_at_ms / 1000;
BEGIN
  -- Known first to nobody, then locked as its owner's: the lock is an update, and those are fenced.
  SELECT * INTO g FROM tf.device_grants WHERE device_code = p_device_code;
  IF g.user_id IS NOT NULL THEN
    PERFORM tf.become(g.user_id);
  END IF;
  SELECT * INTO g FROM tf.device_grants WHERE device_code = p_device_code FOR UPDATE;
  IF NOT FOUND OR g.state = 'consumed' THEN
    o_state := 'unknown';
  ELSIF g.expires_at <= p_at THEN
    o_state := 'expired';
  ELSIF g.state = 'denied' THEN
    o_state := 'denied';
  ELSIF g.state = 'approved' THEN
    o_state := 'minted';
    PERFORM tf.become(g.user_id);
    PERFORM tf.me();
    UPDATE tf.device_grants SET state = 'consumed' WHERE device_code = p_device_code;
    SELECT d.o_id, d.o_name INTO o_device, o_name FROM tf.returning_device(g.name, g.os, g.client, p_at) d;
    PERFORM tf.mint(o_device, p_secret, p_id, p_hint, g.scope, p_at, p_expires);
    SELECT u.handle INTO o_handle FROM tf.users u WHERE u.id = g.user_id;
    o_scope := g.scope;
  ELSE
    o_state := 'pending';
    IF g.next_poll_at > p_at_ms THEN
      o_state := 'soon';
      g.interval_s := g.interval_s + p_slow;
    END IF;
    UPDATE tf.device_grants SET interval_s = g.interval_s, next_poll_at = p_at_ms + g.interval_s * 1000 WHERE device_code = p_device_code;
  END IF;
END $$;

GRANT EXECUTE ON FUNCTION tf.server_key, tf.first_site, tf.set_visibility, tf.invite, tf.sign_in, tf.session_actor, tf.sign_out,
  tf.token_actor, tf.revoke_token, tf.rename_device, tf.revoke_device, tf.add_grant, tf.pending_grant, tf.decide_grant, tf.poll_grant
  TO tf_app, tf_owner;
GRANT EXECUTE ON FUNCTION tf.me, tf.first_key, tf.set_site, tf.add_user, tf.add_invite, tf.add_token TO tf_owner;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door;
-- +goose StatementEnd
