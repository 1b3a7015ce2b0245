-- +goose Up
-- +goose StatementBegin
SET LOCAL ROLE tf_owner;
GRANT CREATE ON SCHEMA tf TO tf_job;
SET LOCAL ROLE tf_job;
-- The next accounts with rows of the oldest book, in order: with everybody's rows stale, as after a new book, finding some must not read all.
CREATE OR REPLACE FUNCTION tf.stale_users(p_book text, p_most int) RETURNS SETOF bigint LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  oldest text;
BEGIN
  SELECT min(d.book) INTO oldest FROM tf.usage_day d WHERE d.book < p_book;
  RETURN QUERY SELECT DISTINCT d.user_id FROM tf.usage_day d WHERE d.book = oldest ORDER BY 1 LIMIT p_most;
END $$;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_job;
-- +goose StatementEnd
