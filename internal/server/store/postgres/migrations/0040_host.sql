-- +goose Up
-- +goose StatementBegin
-- What only the host may do with accounts.
GRANT CREATE ON SCHEMA tf TO tf_door;
GRANT UPDATE (state) ON tf.users TO tf_door;

SET LOCAL ROLE tf_door;
CREATE FUNCTION tf.suspend(p_stop boolean, p_at bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  UPDATE tf.users SET state = CASE WHEN p_stop THEN 2 ELSE 0 END WHERE id = me;
  PERFORM tf.restand(me, (SELECT visibility FROM tf.users WHERE id = me), to_char(to_timestamp(p_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD'));
  IF p_stop THEN
    DELETE FROM tf.sessions WHERE user_id = me;
  END IF;
  PERFORM tf.note(p_at, CASE WHEN p_stop THEN 'ban' ELSE 'unban' END, '');
END $$;

CREATE FUNCTION tf.hold_cell(p_day text, p_source text, p_at bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  INSERT INTO tf.holds (user_id, day, source, reason, line, value, held_at)
  SELECT user_id, day, source, 'host', 0, sum(input + cache_read + cache_write_5m + cache_write_1h + output), p_at
    FROM tf.usage_day WHERE user_id = me AND day = p_day AND source = p_source GROUP BY user_id, day, source
  ON CONFLICT (user_id, day, source) DO UPDATE SET reason = EXCLUDED.reason, line = 0, value = EXCLUDED.value, held_at = EXCLUDED.held_at, released_at = NULL;
  IF NOT FOUND THEN
    PERFORM tf.refuse('TF404');
  END IF;
  PERFORM tf.mark_held(p_day, p_day);
  PERFORM tf.roll_up(p_day, p_day, to_char(to_timestamp(p_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD'));
  PERFORM tf.leave_closed(me, ARRAY[p_day], to_char(to_timestamp(p_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD'));
  PERFORM tf.note(p_at, 'hold', p_day || ' ' || p_source);
END $$;
GRANT EXECUTE ON FUNCTION tf.suspend, tf.hold_cell TO tf_owner;

SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door;
-- Uploads clear away what the judge held and judge again; what the host holds they cannot reach.
CREATE POLICY host_holds ON tf.holds AS RESTRICTIVE FOR DELETE TO tf_door USING (reason <> 'host' OR released_at IS NOT NULL);
CREATE POLICY host ON tf.audit FOR SELECT TO tf_owner USING (true);
CREATE INDEX audit_user ON tf.audit (user_id, id);
-- +goose StatementEnd
