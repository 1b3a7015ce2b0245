-- +goose Up
-- +goose StatementBegin
GRANT CREATE ON SCHEMA tf TO tf_door, tf_sum;
SET LOCAL ROLE tf_door;
-- Says which families models belong to. What is known already is not written, nor even locked: everybody's uploads name the same
-- few models, and would wait for one another until each commits.
CREATE OR REPLACE FUNCTION tf.name_models(p_families jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO tf.models AS m SELECT f.key, f.value FROM jsonb_each_text(p_families) f
   WHERE NOT EXISTS (SELECT FROM tf.models k WHERE k.model = f.key AND k.family = f.value) ORDER BY 1
  ON CONFLICT (model) DO UPDATE SET family = EXCLUDED.family WHERE m.family <> EXCLUDED.family;
END $$;

SET LOCAL ROLE tf_sum;
-- One page of a board, right after a place in its order, by its index alone: the view of public lines is planned for itself, and sorts
-- every line below the place. What it may show is what the view shows.
CREATE FUNCTION tf.board_page(p_metric text, p_period text, p_source text, p_family text, p_value bigint, p_user bigint, p_limit int)
RETURNS TABLE (o_user bigint, o_handle text, o_hidden smallint, o_streak bigint, o_value bigint, o_requests bigint, o_input bigint, o_cache_read bigint,
  o_cache_write_5m bigint, o_cache_write_1h bigint, o_output bigint, o_reasoning bigint, o_cost bigint, o_unpriced bigint, o_days bigint, o_first text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_metric NOT IN ('tokens', 'cost_uusd', 'output', 'active_days', 'streak') THEN
    RAISE EXCEPTION 'metric' USING ERRCODE = '22023';
  END IF;
  RETURN QUERY EXECUTE format($q$
    WITH page AS MATERIALIZED (
      SELECT s.* FROM tf.score s WHERE s.period = $1 AND s.source = $2 AND s.family = $3 AND s.visibility = 2 %2$s %3$s
       ORDER BY s.%1$I DESC, s.user_id DESC LIMIT $6)
    SELECT p.user_id, u.handle, p.hidden, CASE WHEN p.hidden & 8 = 0 THEN p.streak ELSE 0 END, p.%1$I, p.requests, p.input, p.cache_read,
      p.cache_write_5m, p.cache_write_1h, p.output, p.reasoning, CASE WHEN p.hidden & 1 = 0 THEN p.cost_uusd ELSE 0 END,
      CASE WHEN p.hidden & 1 = 0 THEN p.unpriced ELSE 0 END, CASE WHEN p.hidden & 8 = 0 THEN p.active_days ELSE 0 END,
      CASE WHEN p.hidden & 8 = 0 THEN p.first_day ELSE '' END
      FROM page p JOIN tf.users u ON u.id = p.user_id ORDER BY p.%1$I DESC, p.user_id DESC $q$,
    p_metric,
    CASE p_metric WHEN 'cost_uusd' THEN 'AND s.hidden & 1 = 0' WHEN 'active_days' THEN 'AND s.hidden & 8 = 0' WHEN 'streak' THEN 'AND s.hidden & 8 = 0' ELSE '' END,
    CASE WHEN p_user IS NULL THEN '' ELSE format('AND (s.%I, s.user_id) < ($4, $5)', p_metric) END)
  USING p_period, p_source, p_family, p_value, p_user, least(p_limit, 1000);
END $$;
-- As before, planned once: in plain SQL each call plans every partition.
CREATE OR REPLACE FUNCTION tf.public_day_shares(p_users bigint[], p_source text, p_family text, p_from text, p_to text)
RETURNS TABLE (o_user bigint, o_of text, o_tokens bigint) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT d.user_id, d.day, sum(d.input + d.cache_read + d.cache_write_5m + d.cache_write_1h + d.output)::bigint
    FROM tf.user_day d JOIN tf.users u ON u.id = d.user_id
   WHERE d.user_id = ANY (p_users) AND d.day BETWEEN p_from AND p_to AND (p_source = '' OR d.source = p_source) AND (p_family = '' OR d.family = p_family)
     AND u.hidden & 8 = 0 AND (p_source = '' OR u.hidden & 4 = 0) AND (p_family = '' OR u.hidden & 2 = 0)
   GROUP BY d.user_id, d.day ORDER BY 1, 2;
END $$;
CREATE OR REPLACE FUNCTION tf.public_model_shares(p_users bigint[], p_source text, p_family text, p_from text, p_to text)
RETURNS TABLE (o_user bigint, o_of text, o_tokens bigint) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT d.user_id, d.model, sum(d.input + d.cache_read + d.cache_write_5m + d.cache_write_1h + d.output)::bigint
    FROM tf.usage_day d JOIN tf.users u ON u.id = d.user_id LEFT JOIN tf.models m ON m.model = d.model
   WHERE d.user_id = ANY (p_users) AND d.day BETWEEN p_from AND p_to AND NOT d.held AND (p_source = '' OR d.source = p_source)
     AND (p_family = '' OR coalesce(m.family, 'other') = p_family) AND u.hidden & 2 = 0 AND (p_source = '' OR u.hidden & 4 = 0)
   GROUP BY d.user_id, d.model ORDER BY 1, 2;
END $$;
GRANT EXECUTE ON FUNCTION tf.board_page TO tf_app, tf_owner;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door, tf_sum;
-- +goose StatementEnd
