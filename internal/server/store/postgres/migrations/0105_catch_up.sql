-- +goose Up
-- +goose StatementBegin
GRANT CREATE ON SCHEMA tf TO tf_job;
SET LOCAL ROLE tf_job;
-- Makes the lines of the accounts that wait longest hold everything, of those that are not left alone at p_at, and returns how many it
-- did. An account that somebody is at work on is waited for, or passed over for those behind it, so that whoever works at the same time
-- finds others. A commit that a crash loses leaves the account waiting.
CREATE OR REPLACE FUNCTION tf.catch_up(p_most int, p_today text, p_wait boolean, p_at bigint) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  waiting bigint[] := ARRAY(SELECT d.user_id FROM tf.due d WHERE d.not_before <= p_at ORDER BY d.at, d.user_id LIMIT p_most + CASE WHEN p_wait THEN 0 ELSE 32 END);
  who bigint;
  done int := 0;
BEGIN
  IF cardinality(waiting) = 0 THEN
    RETURN 0;
  END IF;
  PERFORM set_config('synchronous_commit', 'off', true);
  IF p_wait THEN
    waiting := ARRAY(SELECT unnest(waiting) ORDER BY 1); -- in one order, or two could wait for each other
  END IF;
  FOREACH who IN ARRAY waiting LOOP
    IF p_wait THEN
      PERFORM 1 FROM tf.users u WHERE u.id = who FOR NO KEY UPDATE;
    ELSE
      PERFORM 1 FROM tf.users u WHERE u.id = who FOR NO KEY UPDATE SKIP LOCKED;
      CONTINUE WHEN NOT FOUND OR NOT EXISTS (SELECT FROM tf.due d WHERE d.user_id = who); -- somebody else did it meanwhile
    END IF;
    CONTINUE WHEN NOT FOUND;
    PERFORM tf.settle(who, p_today);
    done := done + 1;
    EXIT WHEN done = p_most;
  END LOOP;
  RETURN done;
END $$;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_job;
-- +goose StatementEnd
