-- +goose Up
-- +goose StatementBegin
GRANT CREATE ON SCHEMA tf TO tf_sum;
SET LOCAL ROLE tf_sum;
-- What public_day_shares says, in a row for each account: how many days after the first, and how many tokens. Each account's days are
-- read by their key, whatever is known of the tables.
CREATE FUNCTION tf.public_sparks(p_users bigint[], p_source text, p_family text, p_from text, p_to text)
RETURNS TABLE (o_user bigint, o_days int[], o_tokens bigint[]) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  first date := p_from::date;
BEGIN
  RETURN QUERY SELECT u.id, x.days, x.tokens FROM tf.users u, LATERAL (
      SELECT array_agg(d.day::date - first) AS days, array_agg(d.input + d.cache_read + d.cache_write_5m + d.cache_write_1h + d.output) AS tokens
        FROM tf.user_day d WHERE d.user_id = u.id AND d.day BETWEEN p_from AND p_to AND (p_source = '' OR d.source = p_source)
         AND (p_family = '' OR d.family = p_family)) x
   WHERE u.id = ANY (p_users) AND u.hidden & 8 = 0 AND (p_source = '' OR u.hidden & 4 = 0) AND (p_family = '' OR u.hidden & 2 = 0) AND x.days IS NOT NULL;
END $$;
GRANT EXECUTE ON FUNCTION tf.public_sparks TO tf_app, tf_owner;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_sum;
-- +goose StatementEnd
