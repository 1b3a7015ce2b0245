-- +goose Up
-- +goose StatementBegin
GRANT CREATE ON SCHEMA tf TO tf_door, tf_job;

-- An erased account is in no table any more but as a keyed hash: in the audit, and in the list that is replayed when a
-- backup from before is restored.
ALTER TABLE tf.audit ADD COLUMN erased bytea CHECK (octet_length(erased) = 32);
CREATE TABLE tf.erasures (
  mark bytea PRIMARY KEY CHECK (octet_length(mark) = 32),
  at   bigint NOT NULL
);
ALTER TABLE tf.erasures ENABLE ROW LEVEL SECURITY;
ALTER TABLE tf.erasures FORCE ROW LEVEL SECURITY;
CREATE POLICY list ON tf.erasures FOR SELECT TO tf_app, tf_owner USING (true);
CREATE POLICY door_list ON tf.erasures FOR ALL TO tf_door USING (true) WITH CHECK (true);
GRANT SELECT ON tf.erasures TO tf_app, tf_owner;
GRANT SELECT, INSERT ON tf.erasures TO tf_door;

-- The audit cannot be changed, but to forget whose a line was.
CREATE OR REPLACE FUNCTION tf.append_only() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.user_id IS NOT NULL AND NEW.user_id IS NULL AND OLD.erased IS NULL AND NEW.erased IS NOT NULL AND NEW.detail = ''
    AND (NEW.id, NEW.at, NEW.action) = (OLD.id, OLD.at, OLD.action) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'append-only' USING ERRCODE = '42501';
END $$;
GRANT UPDATE (user_id, detail, erased) ON tf.audit TO tf_door;
CREATE POLICY door_own_read ON tf.audit FOR SELECT TO tf_door USING (user_id = (SELECT tf.uid()) OR erased IS NOT NULL);
CREATE POLICY door_forget ON tf.audit FOR UPDATE TO tf_door USING (user_id = (SELECT tf.uid())) WITH CHECK (user_id IS NULL);
CREATE POLICY door_nobodys ON tf.held_handles FOR INSERT TO tf_door WITH CHECK (by_user = -1);
CREATE POLICY door_forget ON tf.held_handles FOR UPDATE TO tf_door USING (by_user = (SELECT tf.uid())) WITH CHECK (by_user = -1);
CREATE POLICY door_nobodys_read ON tf.held_handles FOR SELECT TO tf_door USING (by_user = -1);

GRANT SELECT (handle, created_at) ON tf.users TO tf_job;
GRANT SELECT, DELETE ON tf.invites, tf.sessions, tf.tokens, tf.device_grants, tf.held_handles, tf.spent, tf.quotas TO tf_job;
GRANT SELECT ON tf.devices TO tf_job;
DO $$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY ARRAY['invites', 'sessions', 'tokens', 'device_grants', 'held_handles', 'spent', 'quotas', 'devices'] LOOP
    EXECUTE format('CREATE POLICY house ON tf.%I FOR SELECT TO tf_job USING (true)', t);
    EXECUTE format('CREATE POLICY house_ends ON tf.%I FOR DELETE TO tf_job USING (true)', t);
  END LOOP;
END $$;

SET LOCAL ROLE tf_door;
-- What is left of an account: a hash that only this database's key can make.
CREATE FUNCTION tf.mark_of(p_user bigint, p_created bigint) RETURNS bytea LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  k bytea;
BEGIN
  INSERT INTO tf.secret VALUES ('erasure', decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')) ON CONFLICT DO NOTHING;
  SELECT value INTO k FROM tf.secret WHERE name = 'erasure';
  RETURN sha256(k || sha256(k || convert_to(p_user || '|' || p_created, 'UTF8')));
END $$;

-- Takes the transaction's user out of every table, at once.
CREATE FUNCTION tf.erase_me(p_handle text, p_at bigint, p_hold bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
  m bytea;
BEGIN
  SELECT tf.mark_of(id, created_at) INTO m FROM tf.users WHERE id = me AND handle = p_handle;
  IF m IS NULL THEN
    PERFORM tf.refuse('TF404');
  END IF;
  PERFORM tf.note(p_at, 'erase', '');
  UPDATE tf.audit SET user_id = NULL, detail = '', erased = m WHERE user_id = me;
  UPDATE tf.held_handles SET by_user = -1 WHERE by_user = me;
  INSERT INTO tf.held_handles AS h VALUES (sha256(convert_to(p_handle, 'UTF8')), -1, p_at + p_hold) ON CONFLICT (handle) DO NOTHING;
  INSERT INTO tf.erasures VALUES (m, p_at) ON CONFLICT DO NOTHING;
  DELETE FROM tf.users WHERE id = me;
END $$;

-- The tables that hold rows of the transaction's user, found in the catalogue, so that none can be forgotten.
CREATE FUNCTION tf.export_tables() RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'tf'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
     AND (c.relname = 'users' OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'user_id' AND NOT a.attisdropped))
   ORDER BY c.relname <> 'users', 1 $$;
CREATE FUNCTION tf.export_rows(p_table text) RETURNS SETOF jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM tf.export_tables() t WHERE t = p_table) THEN
    RAISE EXCEPTION 'table' USING ERRCODE = '22023';
  END IF;
  -- Hashes of secrets are of use to a thief alone.
  RETURN QUERY EXECUTE format('SELECT to_jsonb(t) - ARRAY[''secret'', ''device_code'', ''user_code'', ''last_body''] FROM tf.%I t WHERE %I = $1',
    p_table, CASE WHEN p_table = 'users' THEN 'id' ELSE 'user_id' END) USING tf.uid();
END $$;
GRANT EXECUTE ON FUNCTION tf.erase_me, tf.export_tables, tf.export_rows TO tf_app, tf_owner;
GRANT EXECUTE ON FUNCTION tf.erase_me, tf.mark_of, tf.enter_as TO tf_job;

SET LOCAL ROLE tf_job;
-- Erases again whoever was erased after the backup that this database was restored from.
CREATE FUNCTION tf.replay_erasures(p_marks jsonb, p_hold bigint) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  who record;
  n int := 0;
BEGIN
  FOR who IN SELECT u.id, u.handle, m.at FROM tf.users u JOIN jsonb_to_recordset(p_marks) m(mark text, at bigint) ON m.mark = encode(tf.mark_of(u.id, u.created_at), 'hex')
   WHERE u.created_at <= m.at LOOP
    PERFORM tf.enter_as(who.id);
    PERFORM tf.erase_me(who.handle, who.at, p_hold);
    n := n + 1;
  END LOOP;
  RETURN n;
END $$;

-- Removes what has ended, and accounts that nobody has used since p_unused, if that is not NULL.
CREATE FUNCTION tf.sweep(p_at bigint, p_unused bigint, p_most int, p_hold bigint) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  who record;
  n int := 0;
BEGIN
  IF NOT pg_try_advisory_xact_lock(1952868212) THEN
    RETURN 0;
  END IF;
  DELETE FROM tf.invites WHERE expires_at <= p_at;
  DELETE FROM tf.sessions WHERE expires_at <= p_at OR seen_at + idle_s <= p_at;
  DELETE FROM tf.device_grants WHERE expires_at <= p_at - 86400;
  DELETE FROM tf.tokens WHERE revoked_at <= p_at - 90 * 86400 OR expires_at <= p_at - 90 * 86400;
  DELETE FROM tf.held_handles WHERE until <= p_at;
  DELETE FROM tf.spent WHERE until <= p_at;
  DELETE FROM tf.quotas WHERE until <= p_at * 1000000000;
  IF p_unused IS NULL THEN
    RETURN 0;
  END IF;
  FOR who IN SELECT u.id, u.handle FROM tf.users u WHERE u.state = 0 AND u.created_at <= p_unused
     AND NOT EXISTS (SELECT FROM tf.sessions s WHERE s.user_id = u.id AND s.seen_at > p_unused)
     AND NOT EXISTS (SELECT FROM tf.devices d WHERE d.user_id = u.id AND greatest(d.synced_at, d.created_at) > p_unused)
     AND NOT EXISTS (SELECT FROM tf.tokens t WHERE t.user_id = u.id AND t.used_on > to_char(to_timestamp(p_unused) AT TIME ZONE 'UTC', 'YYYY-MM-DD'))
   ORDER BY u.id LIMIT p_most LOOP
    PERFORM tf.enter_as(who.id);
    PERFORM tf.erase_me(who.handle, p_at, p_hold);
    n := n + 1;
  END LOOP;
  RETURN n;
END $$;
GRANT EXECUTE ON FUNCTION tf.sweep TO tf_app, tf_owner;
GRANT EXECUTE ON FUNCTION tf.replay_erasures TO tf_owner;

SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door, tf_job;
-- +goose StatementEnd
