-- +goose Up
-- +goose StatementBegin
GRANT USAGE ON SCHEMA tf TO tf_app, tf_door, tf_sum;
GRANT CREATE ON SCHEMA tf TO tf_door;

GRANT SELECT, INSERT ON tf.mac_key, tf.secret, tf.audit TO tf_door;
GRANT SELECT, INSERT, UPDATE (site) ON tf.instance TO tf_door;
GRANT SELECT, INSERT, UPDATE (visibility), DELETE ON tf.users TO tf_door;
GRANT USAGE ON SEQUENCE tf.users_id_seq TO tf_door;
GRANT SELECT, INSERT, UPDATE ON tf.devices TO tf_door;
GRANT SELECT, INSERT, UPDATE (used_on, revoked_at) ON tf.tokens TO tf_door;
GRANT SELECT, INSERT, UPDATE (used_at), DELETE ON tf.invites TO tf_door;
GRANT SELECT, INSERT, UPDATE (seen_at), DELETE ON tf.sessions TO tf_door;
GRANT SELECT, INSERT, UPDATE (state, user_id, interval_s, next_poll_at), DELETE ON tf.device_grants TO tf_door;
GRANT SELECT, INSERT, UPDATE, DELETE ON tf.usage_day, tf.holds, tf.user_day, tf.score TO tf_door;

-- Reading is all that the pool can do by itself, and no credential.
GRANT SELECT ON tf.instance, tf.users, tf.usage_day, tf.holds, tf.user_day, tf.score TO tf_app;
GRANT SELECT (id, user_id, name, os, client, created_at, last_seq, synced_at) ON tf.devices TO tf_app;
GRANT SELECT (id, user_id, device_id, hint, scope, created_at, used_on, expires_at, revoked_at) ON tf.tokens TO tf_app;
GRANT SELECT ON tf.usage_day, tf.score TO tf_sum;

SET LOCAL ROLE tf_door;

-- A seal on a user's id that only this backend can use, and only in this transaction.
CREATE FUNCTION tf.seal(p_user bigint) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT encode(sha256(k.value || sha256(k.value || convert_to(
    p_user || '|' || pg_backend_pid() || '|' || extract(epoch FROM transaction_timestamp()), 'UTF8'))), 'hex') FROM tf.mac_key k $$;

-- Whose rows this transaction may see and write; NULL for nobody's. A setting without its seal is nobody.
CREATE FUNCTION tf.uid() RETURNS bigint LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v text := current_setting('tf.identity', true);
  u bigint;
BEGIN
  IF v IS NULL OR v !~ '^[0-9]{1,18}\.[0-9a-f]{64}$' THEN
    RETURN NULL;
  END IF;
  u := split_part(v, '.', 1)::bigint;
  RETURN CASE WHEN split_part(v, '.', 2) = tf.seal(u) THEN u END;
END $$;

CREATE FUNCTION tf.become(p_user bigint) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM set_config('tf.identity', p_user || '.' || tf.seal(p_user), true);
END $$;

-- The identity of whoever holds the token or session with this hash.
CREATE FUNCTION tf.enter(p_key bytea, p_at bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  u bigint;
BEGIN
  SELECT user_id INTO u FROM tf.tokens WHERE secret = p_key AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > p_at);
  IF u IS NULL THEN
    SELECT user_id INTO u FROM tf.sessions WHERE secret = p_key AND expires_at > p_at AND seen_at + idle_s > p_at;
  END IF;
  IF u IS NULL THEN
    RAISE EXCEPTION 'unauthorized' USING ERRCODE = '28000';
  END IF;
  PERFORM tf.become(u);
  RETURN u;
END $$;

-- The identity of anybody: for the host's own commands.
CREATE FUNCTION tf.enter_as(p_user bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM tf.become(p_user);
  RETURN p_user;
END $$;

GRANT EXECUTE ON FUNCTION tf.uid() TO tf_app, tf_owner, tf_sum;
GRANT EXECUTE ON FUNCTION tf.enter(bytea, bigint) TO tf_app, tf_owner;
GRANT EXECUTE ON FUNCTION tf.enter_as(bigint) TO tf_owner;

SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door;

-- Readers see what is theirs, and what is public.
CREATE POLICY site ON tf.instance FOR SELECT TO tf_app, tf_owner USING (true);
CREATE POLICY own_or_public ON tf.users FOR SELECT TO tf_app USING (id = (SELECT tf.uid()) OR (visibility = 2 AND state = 0));
CREATE POLICY host ON tf.users FOR SELECT TO tf_owner USING (true);
CREATE POLICY own ON tf.devices FOR SELECT TO tf_app, tf_owner USING (user_id = (SELECT tf.uid()));
CREATE POLICY own ON tf.tokens FOR SELECT TO tf_app, tf_owner USING (user_id = (SELECT tf.uid()));
CREATE POLICY own ON tf.holds FOR SELECT TO tf_app, tf_owner USING (user_id = (SELECT tf.uid()));
CREATE POLICY own_or_public ON tf.usage_day FOR SELECT TO tf_app, tf_owner USING (user_id = (SELECT tf.uid())
  OR (NOT held AND EXISTS (SELECT 1 FROM tf.users u WHERE u.id = usage_day.user_id AND u.visibility = 2 AND u.state = 0)));
CREATE POLICY own_or_public ON tf.user_day FOR SELECT TO tf_app, tf_owner USING (user_id = (SELECT tf.uid())
  OR EXISTS (SELECT 1 FROM tf.users u WHERE u.id = user_day.user_id AND u.visibility = 2 AND u.state = 0));
CREATE POLICY own_or_public ON tf.score FOR SELECT TO tf_app, tf_owner USING (visibility = 2 OR user_id = (SELECT tf.uid()));
CREATE POLICY everybody ON tf.usage_day FOR SELECT TO tf_sum USING (true);
CREATE POLICY everybody ON tf.score FOR SELECT TO tf_sum USING (true);

-- The doors are fenced too: but for looking up a credential, they reach the rows of one user.
CREATE POLICY door_read_key ON tf.mac_key FOR SELECT TO tf_door USING (true);
CREATE POLICY door_first_key ON tf.mac_key FOR INSERT TO tf_door WITH CHECK (true);
CREATE POLICY door_read_key ON tf.secret FOR SELECT TO tf_door USING (true);
CREATE POLICY door_first_key ON tf.secret FOR INSERT TO tf_door WITH CHECK (true);
CREATE POLICY door_site ON tf.instance FOR ALL TO tf_door USING (true) WITH CHECK (true);
CREATE POLICY door_own ON tf.users FOR ALL TO tf_door USING (id = (SELECT tf.uid())) WITH CHECK (id = (SELECT tf.uid()));
CREATE POLICY door_own ON tf.devices FOR ALL TO tf_door USING (user_id = (SELECT tf.uid())) WITH CHECK (user_id = (SELECT tf.uid()));
CREATE POLICY door_look_up ON tf.tokens FOR SELECT TO tf_door USING (true);
CREATE POLICY door_own_new ON tf.tokens FOR INSERT TO tf_door WITH CHECK (user_id = (SELECT tf.uid()));
CREATE POLICY door_own ON tf.tokens FOR UPDATE TO tf_door USING (user_id = (SELECT tf.uid())) WITH CHECK (user_id = (SELECT tf.uid()));
CREATE POLICY door_look_up ON tf.invites FOR SELECT TO tf_door USING (true);
CREATE POLICY door_own_new ON tf.invites FOR INSERT TO tf_door WITH CHECK (user_id = (SELECT tf.uid()));
CREATE POLICY door_own ON tf.invites FOR UPDATE TO tf_door USING (user_id = (SELECT tf.uid())) WITH CHECK (user_id = (SELECT tf.uid()));
CREATE POLICY door_own_end ON tf.invites FOR DELETE TO tf_door USING (user_id = (SELECT tf.uid()));
CREATE POLICY door_look_up ON tf.sessions FOR SELECT TO tf_door USING (true);
CREATE POLICY door_own_new ON tf.sessions FOR INSERT TO tf_door WITH CHECK (user_id = (SELECT tf.uid()));
CREATE POLICY door_own ON tf.sessions FOR UPDATE TO tf_door USING (user_id = (SELECT tf.uid())) WITH CHECK (user_id = (SELECT tf.uid()));
CREATE POLICY door_own_end ON tf.sessions FOR DELETE TO tf_door USING (user_id = (SELECT tf.uid()));
-- A grant is nobody's until somebody approves it, and theirs from then on.
CREATE POLICY door_look_up ON tf.device_grants FOR SELECT TO tf_door USING (true);
CREATE POLICY door_nobodys ON tf.device_grants FOR INSERT TO tf_door WITH CHECK (user_id IS NULL AND state = 'pending');
CREATE POLICY door_own ON tf.device_grants FOR UPDATE TO tf_door
  USING (user_id IS NULL OR user_id = (SELECT tf.uid())) WITH CHECK (user_id IS NULL OR user_id = (SELECT tf.uid()));
CREATE POLICY door_ended ON tf.device_grants FOR DELETE TO tf_door USING (true);
CREATE POLICY door_own ON tf.usage_day FOR ALL TO tf_door USING (user_id = (SELECT tf.uid())) WITH CHECK (user_id = (SELECT tf.uid()));
CREATE POLICY door_own ON tf.holds FOR ALL TO tf_door USING (user_id = (SELECT tf.uid())) WITH CHECK (user_id = (SELECT tf.uid()));
CREATE POLICY door_own ON tf.user_day FOR ALL TO tf_door USING (user_id = (SELECT tf.uid())) WITH CHECK (user_id = (SELECT tf.uid()));
CREATE POLICY door_own ON tf.score FOR ALL TO tf_door USING (user_id = (SELECT tf.uid())) WITH CHECK (user_id = (SELECT tf.uid()));
CREATE POLICY door_own ON tf.audit FOR INSERT TO tf_door WITH CHECK (user_id = (SELECT tf.uid()));
-- +goose StatementEnd
