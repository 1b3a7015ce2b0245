-- +goose Up
-- +goose StatementBegin
GRANT CREATE ON SCHEMA tf TO tf_sum;
SET LOCAL ROLE tf_sum;
-- Who stands where on a board, and nothing else of them: what ranks are found by, read from the index of each metric alone. A line's
-- visibility says whose account may be seen, as public_lines has it.
CREATE VIEW tf.public_marks WITH (security_barrier) AS SELECT user_id, period, source, family, tokens, output FROM tf.score WHERE visibility = 2;
CREATE VIEW tf.public_marks_cost WITH (security_barrier) AS
  SELECT user_id, period, source, family, cost_uusd FROM tf.score WHERE visibility = 2 AND hidden & 1 = 0;
CREATE VIEW tf.public_marks_days WITH (security_barrier) AS
  SELECT user_id, period, source, family, active_days, streak FROM tf.score WHERE visibility = 2 AND hidden & 8 = 0;
GRANT SELECT ON tf.public_marks, tf.public_marks_cost, tf.public_marks_days TO tf_app, tf_owner;

-- As before, by the index of the lines that count, whose condition PostgreSQL must find in the statement.
CREATE OR REPLACE FUNCTION tf.crowd(p_period text, p_source text, p_family text, p_visibility smallint) RETURNS TABLE (o_users bigint, o_largest bigint, o_requests bigint,
  o_input bigint, o_cache_read bigint, o_cache_write_5m bigint, o_cache_write_1h bigint, o_output bigint, o_reasoning bigint, o_cost bigint, o_unpriced bigint,
  o_days bigint, o_first text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT count(*), coalesce(max(tokens), 0), coalesce(sum(requests), 0)::bigint, coalesce(sum(input), 0)::bigint, coalesce(sum(cache_read), 0)::bigint,
    coalesce(sum(cache_write_5m), 0)::bigint, coalesce(sum(cache_write_1h), 0)::bigint, coalesce(sum(output), 0)::bigint,
    coalesce(sum(reasoning), 0)::bigint, coalesce(sum(cost_uusd) FILTER (WHERE visibility = 1 OR hidden & 1 = 0), 0)::bigint,
    coalesce(sum(unpriced) FILTER (WHERE visibility = 1 OR hidden & 1 = 0), 0)::bigint, coalesce(sum(active_days), 0)::bigint, coalesce(min(first_day), '')
    FROM tf.score WHERE period = p_period AND source = p_source AND family = p_family AND visibility > 0 AND visibility = p_visibility AND p_visibility IN (1, 2) $$;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_sum;
-- +goose StatementEnd
