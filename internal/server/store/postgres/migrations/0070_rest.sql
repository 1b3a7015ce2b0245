-- +goose Up
-- +goose StatementBegin
SET LOCAL ROLE tf_owner;
-- When the lines of an account that keeps sending are to be made, unless somebody reads them before.
ALTER TABLE tf.due ADD COLUMN not_before bigint NOT NULL DEFAULT 0;

GRANT CREATE ON SCHEMA tf TO tf_door, tf_job;
SET LOCAL ROLE tf_door;
-- Names models, and notes days of the transaction's user whose sums and lines wait. Those of an account whose device sent less than
-- p_rest before are left alone for as long.
DROP FUNCTION tf.owe(jsonb, text[], bigint);
CREATE FUNCTION tf.owe(p_device bigint, p_families jsonb, p_days text[], p_at bigint, p_rest bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.uid();
BEGIN
  PERFORM tf.name_models(p_families);
  IF cardinality(p_days) > 0 THEN
    INSERT INTO tf.due AS d VALUES (me, p_at, array_to_string(p_days, ' '), p_at + coalesce((
      SELECT p_rest FROM tf.devices v WHERE v.user_id = me AND v.id = p_device AND v.synced_at BETWEEN p_at - p_rest + 1 AND p_at), 0))
    ON CONFLICT (user_id) DO UPDATE SET days = (
      SELECT string_agg(DISTINCT x.day, ' ') FROM unnest(string_to_array(d.days || ' ' || EXCLUDED.days, ' ')) x(day));
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION tf.owe TO tf_app, tf_owner;

SET LOCAL ROLE tf_job;
-- Makes the lines of the accounts that wait longest hold everything, of those that are not left alone at p_at, and returns how many it
-- did. An account that somebody is at work on is waited for or left to the next time. A commit that a crash loses leaves the account
-- waiting.
DROP FUNCTION tf.catch_up(int, text, boolean);
CREATE FUNCTION tf.catch_up(p_most int, p_today text, p_wait boolean, p_at bigint) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  waiting bigint[] := ARRAY(SELECT d.user_id FROM tf.due d WHERE d.not_before <= p_at ORDER BY d.at LIMIT p_most);
  who bigint;
  done int := 0;
BEGIN
  IF cardinality(waiting) = 0 THEN
    RETURN 0;
  END IF;
  PERFORM set_config('synchronous_commit', 'off', true);
  FOREACH who IN ARRAY ARRAY(SELECT unnest(waiting) ORDER BY 1) LOOP -- in one order, or two could wait for each other
    IF p_wait THEN
      PERFORM 1 FROM tf.users u WHERE u.id = who FOR NO KEY UPDATE;
    ELSE
      PERFORM 1 FROM tf.users u WHERE u.id = who FOR NO KEY UPDATE SKIP LOCKED;
    END IF;
    CONTINUE WHEN NOT FOUND;
    PERFORM tf.settle(who, p_today);
    done := done + 1;
  END LOOP;
  RETURN done;
END $$;
GRANT EXECUTE ON FUNCTION tf.catch_up TO tf_app, tf_owner;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door, tf_job;
-- +goose StatementEnd
