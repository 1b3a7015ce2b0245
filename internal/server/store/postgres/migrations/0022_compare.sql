-- +goose Up
-- +goose StatementBegin
SET LOCAL ROLE tf_owner;
GRANT CREATE ON SCHEMA tf TO tf_door;
SET LOCAL ROLE tf_door;
-- Notes prints and returns the twins of the account. If it has copies and no twins any more, it returns one of no device, so that
-- the caller knows of something to take back.
CREATE FUNCTION tf.compare(p_device bigint, p_prints jsonb, p_at bigint)
RETURNS TABLE (o_device bigint, o_original bigint, o_day text, o_source text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  PERFORM tf.put_prints(p_device, p_prints, p_at);
  RETURN QUERY SELECT p.device_id, q.device_id, p.day, p.source FROM tf.prints p
    JOIN tf.prints q ON q.user_id = p.user_id AND q.day = p.day AND q.source = p.source AND q.print = p.print AND q.device_id < p.device_id
   WHERE p.user_id = me;
  IF NOT FOUND AND EXISTS (SELECT FROM tf.copies c WHERE c.user_id = me) THEN
    RETURN QUERY SELECT 0::bigint, 0::bigint, ''::text, ''::text;
  END IF;
END $$;
DROP FUNCTION tf.twins();
GRANT EXECUTE ON FUNCTION tf.compare TO tf_app, tf_owner;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door;
-- +goose StatementEnd
