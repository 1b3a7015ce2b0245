-- +goose Up
-- +goose StatementBegin
SET LOCAL ROLE tf_owner;
GRANT CREATE ON SCHEMA tf TO tf_door;
SET LOCAL ROLE tf_door;

DROP FUNCTION tf.token_actor(bytea, bigint, text);
CREATE FUNCTION tf.token_actor(p_key bytea, p_at bigint, p_today text,
  OUT o_user bigint, OUT o_handle text, OUT o_visibility smallint, OUT o_device bigint, OUT o_name text, OUT o_id text, OUT o_scope text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  used text;
BEGIN
  SELECT t.user_id, t.device_id, t.id, t.used_on, t.scope INTO o_user, o_device, o_id, used, o_scope FROM tf.tokens t
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

-- A token that somebody makes for themselves. The secret that asks must be of a fresh session or of a token for the account:
-- a device's token makes no others.
CREATE FUNCTION tf.mint_own(p_key bytea, p_fresh bigint, p_device text, p_secret bytea, p_id text, p_hint text, p_scope text, p_at bigint, p_expires bigint,
  OUT o_device bigint, OUT o_name text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM tf.sessions s WHERE s.secret = p_key AND s.user_id = tf.uid() AND s.created_at > p_at - p_fresh)
      AND NOT EXISTS (SELECT FROM tf.tokens t WHERE t.secret = p_key AND t.user_id = tf.uid() AND t.scope = 'account'
                      AND t.revoked_at IS NULL AND t.expires_at > p_at) THEN
    PERFORM tf.refuse('TF404');
  END IF;
  SELECT t.o_device, t.o_name INTO o_device, o_name FROM tf.add_token(p_device, p_secret, p_id, p_hint, p_scope, p_at, p_expires) t;
END $$;

-- One poll. Polls at once wait for each other at the grant's row.
DROP FUNCTION tf.poll_grant(bytea, bigint, bigint, bytea, text, text, bigint);
CREATE FUNCTION tf.poll_grant(p_device_code bytea, p_at_ms bigint, p_slow bigint, p_secret bytea, p_id text, p_hint text, p_expires bigint,
  OUT o_state text, OUT o_handle text, OUT o_device bigint, OUT o_name text, OUT o_scope text, OUT o_expires bigint)
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
    UPDATE tf.device_grants SET state = 'consumed', token_id = p_id WHERE device_code = p_device_code;
    o_expires := p_expires;
    IF g.scope = 'account' THEN -- it is a device's for ten minutes, whoever is signed in there
      o_expires := least(p_expires, p_at + 600);
      SELECT d.id, d.name INTO o_device, o_name FROM tf.devices d WHERE d.user_id = g.user_id AND d.name = g.name;
    END IF;
    IF o_device IS NULL THEN
      SELECT d.o_id, d.o_name INTO o_device, o_name FROM tf.returning_device(g.name, g.os, g.client, p_at) d;
    END IF;
    PERFORM tf.mint(o_device, p_secret, p_id, p_hint, g.scope, p_at, o_expires);
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

-- Takes back an approval: the code is worth nothing any more, and neither is the token that it gave.
CREATE FUNCTION tf.disown_grant(p_user_code bytea, p_at bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
  token text;
BEGIN
  UPDATE tf.device_grants SET state = 'denied' WHERE user_code = p_user_code AND user_id = me AND state IN ('approved', 'consumed')
  RETURNING token_id INTO token;
  IF NOT FOUND THEN
    PERFORM tf.refuse('TF404');
  END IF;
  UPDATE tf.tokens SET revoked_at = p_at WHERE user_id = me AND id = token AND revoked_at IS NULL;
  PERFORM tf.note(p_at, 'disown device', coalesce(token, ''));
END $$;

GRANT EXECUTE ON FUNCTION tf.token_actor, tf.mint_own, tf.poll_grant, tf.disown_grant TO tf_app, tf_owner;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door;
-- +goose StatementEnd
