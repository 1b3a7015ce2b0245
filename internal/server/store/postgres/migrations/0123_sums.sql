-- +goose Up
-- +goose StatementBegin
SET LOCAL ROLE tf_owner;
-- The whole boards' lines with all that is added up of them, side by side: in the table each is somewhere else, so that a million of them are most of it.
CREATE INDEX score_sums ON tf.score (period, visibility) INCLUDE (hidden, tokens, requests, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,
  cost_uusd, unpriced, active_days, first_day) WHERE visibility > 0 AND source = '' AND family = '';
GRANT CREATE ON SCHEMA tf TO tf_sum;
SET LOCAL ROLE tf_sum;
-- As before. PostgreSQL must find the conditions of each index in the statement.
CREATE OR REPLACE FUNCTION tf.crowd(p_period text, p_source text, p_family text, p_visibility smallint) RETURNS TABLE (o_users bigint, o_largest bigint, o_requests bigint,
  o_input bigint, o_cache_read bigint, o_cache_write_5m bigint, o_cache_write_1h bigint, o_output bigint, o_reasoning bigint, o_cost bigint, o_unpriced bigint,
  o_days bigint, o_first text) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_source = '' AND p_family = '' THEN
    RETURN QUERY SELECT count(*), coalesce(max(tokens), 0), coalesce(sum(requests), 0)::bigint, coalesce(sum(input), 0)::bigint, coalesce(sum(cache_read), 0)::bigint,
      coalesce(sum(cache_write_5m), 0)::bigint, coalesce(sum(cache_write_1h), 0)::bigint, coalesce(sum(output), 0)::bigint,
      coalesce(sum(reasoning), 0)::bigint, coalesce(sum(cost_uusd) FILTER (WHERE visibility = 1 OR hidden & 1 = 0), 0)::bigint,
      coalesce(sum(unpriced) FILTER (WHERE visibility = 1 OR hidden & 1 = 0), 0)::bigint, coalesce(sum(active_days), 0)::bigint, coalesce(min(first_day), '')
      FROM tf.score WHERE period = p_period AND source = '' AND family = '' AND visibility > 0 AND visibility = p_visibility AND p_visibility IN (1, 2);
  ELSE
    RETURN QUERY SELECT count(*), coalesce(max(tokens), 0), coalesce(sum(requests), 0)::bigint, coalesce(sum(input), 0)::bigint, coalesce(sum(cache_read), 0)::bigint,
      coalesce(sum(cache_write_5m), 0)::bigint, coalesce(sum(cache_write_1h), 0)::bigint, coalesce(sum(output), 0)::bigint,
      coalesce(sum(reasoning), 0)::bigint, coalesce(sum(cost_uusd) FILTER (WHERE visibility = 1 OR hidden & 1 = 0), 0)::bigint,
      coalesce(sum(unpriced) FILTER (WHERE visibility = 1 OR hidden & 1 = 0), 0)::bigint, coalesce(sum(active_days), 0)::bigint, coalesce(min(first_day), '')
      FROM tf.score WHERE period = p_period AND source = p_source AND family = p_family AND visibility > 0 AND visibility = p_visibility AND p_visibility IN (1, 2);
  END IF;
END $$;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_sum;
-- +goose StatementEnd
