-- +goose Up
-- +goose StatementBegin
-- These are called in every transaction, some for every statement. In plpgsql a session plans them once; functions in plain SQL are
-- planned at every call, for each of the partitions.
GRANT CREATE ON SCHEMA tf TO tf_door;
SET LOCAL ROLE tf_door;
CREATE OR REPLACE FUNCTION tf.seal(p_user bigint) RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  k bytea := (SELECT value FROM tf.mac_key);
BEGIN
  RETURN encode(sha256(k || sha256(k || convert_to(
    p_user || '|' || pg_backend_pid() || '|' || extract(epoch FROM transaction_timestamp()), 'UTF8'))), 'hex');
END $$;

CREATE OR REPLACE FUNCTION tf.mark_held(p_from text, p_to text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.uid();
BEGIN
  UPDATE tf.usage_day d SET held = NOT d.held WHERE d.user_id = me AND d.day BETWEEN p_from AND p_to
    AND d.held <> (EXISTS (SELECT FROM tf.holds h WHERE h.user_id = d.user_id AND h.day = d.day AND h.source = d.source AND h.released_at IS NULL)
      OR EXISTS (SELECT FROM tf.copies c WHERE c.user_id = d.user_id AND c.day = d.day AND c.source = d.source AND c.device_id = d.device_id
                 AND c.released_at IS NULL));
END $$;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door;
-- +goose StatementEnd
