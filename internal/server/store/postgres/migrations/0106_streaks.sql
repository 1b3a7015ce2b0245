-- +goose Up
-- +goose StatementBegin
SET LOCAL ROLE tf_owner;
-- Makes an account's lines of some periods again. It recomputes rather than adds: a sum made again from its parts cannot drift. Periods,
-- tools and families are told apart by their places in arrays, from 1, and 0 is all of them together: numbers are sorted sooner than names.
-- No account has ten million tools, nor are there ten thousand families.
CREATE OR REPLACE FUNCTION tf.rescore(p_user bigint, p_standing int, p_hidden int, p_names text[], p_from text[], p_to text[], p_last text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  sources text[];
  families text[];
BEGIN
  SELECT array_agg(DISTINCT u.source), array_agg(DISTINCT u.family) INTO sources, families FROM tf.user_day u WHERE u.user_id = p_user;
  WITH cell AS MATERIALIZED (
    SELECT p.n, u.day, array_position(sources, u.source) AS source, array_position(families, u.family) AS family, u.requests, u.input, u.cache_read,
      u.cache_write_5m, u.cache_write_1h, u.output, u.reasoning, u.cost_uusd, u.unpriced, u.timely
      FROM unnest(p_from, p_to) WITH ORDINALITY p(lo, hi, n)
      JOIN tf.user_day u ON u.user_id = p_user AND u.day BETWEEN p.lo AND p.hi),
  act AS (
    SELECT DISTINCT (c.n * 10000000 + s.source) * 10000 + s.family AS line, c.day::date - date '1970-01-01' AS day FROM cell c,
      LATERAL (VALUES (c.source, c.family), (c.source, 0), (0, c.family), (0, 0)) s(source, family) WHERE c.timely),
  run AS (
    SELECT i.line, max(i.days) AS days FROM (
      SELECT a.line, count(*) AS days FROM (SELECT act.line, act.day - row_number() OVER (ORDER BY act.line, act.day) AS island FROM act) a GROUP BY a.line, a.island) i
     GROUP BY i.line),
  line AS (
    SELECT x.*, p_names[x.n] AS name, coalesce(sources[x.s], '') AS source, coalesce(families[x.f], '') AS family FROM (
      SELECT c.n, coalesce(c.source, 0) AS s, coalesce(c.family, 0) AS f, sum(c.requests) AS requests, sum(c.input) AS input,
        sum(c.cache_read) AS cache_read, sum(c.cache_write_5m) AS cache_write_5m, sum(c.cache_write_1h) AS cache_write_1h, sum(c.output) AS output,
        sum(c.reasoning) AS reasoning, sum(c.input + c.cache_read + c.cache_write_5m + c.cache_write_1h + c.output) AS tokens, sum(c.cost_uusd) AS cost_uusd,
        sum(c.unpriced) AS unpriced, count(DISTINCT c.day) AS active_days, min(c.day) AS first_day
        FROM cell c GROUP BY c.n, CUBE (c.source, c.family)) x),
  gone AS (
    DELETE FROM tf.score s WHERE s.user_id = p_user AND s.period = ANY (p_names)
       AND NOT EXISTS (SELECT FROM line l WHERE (l.name, l.source, l.family) = (s.period, s.source, s.family)))
  INSERT INTO tf.score AS s
  SELECT p_user, l.name, l.source, l.family, p_last[l.n], tf.line_visibility(p_standing, p_hidden, l.name, l.source, l.family), NULL, p_hidden,
      l.requests, l.input, l.cache_read, l.cache_write_5m, l.cache_write_1h, l.output, l.reasoning, l.tokens, l.cost_uusd, l.unpriced, l.active_days,
      coalesce(r.days, 0), l.first_day
    FROM line l LEFT JOIN run r ON r.line = (l.n * 10000000 + l.s) * 10000 + l.f
    ON CONFLICT (user_id, period, source, family) DO UPDATE SET last_day = EXCLUDED.last_day, visibility = EXCLUDED.visibility, hidden = EXCLUDED.hidden,
      requests = EXCLUDED.requests, input = EXCLUDED.input, cache_read = EXCLUDED.cache_read, cache_write_5m = EXCLUDED.cache_write_5m,
      cache_write_1h = EXCLUDED.cache_write_1h, output = EXCLUDED.output, reasoning = EXCLUDED.reasoning, tokens = EXCLUDED.tokens,
      cost_uusd = EXCLUDED.cost_uusd, unpriced = EXCLUDED.unpriced, active_days = EXCLUDED.active_days, streak = EXCLUDED.streak, first_day = EXCLUDED.first_day
    WHERE (s.visibility, s.hidden, s.requests, s.input, s.cache_read, s.cache_write_5m, s.cache_write_1h, s.output, s.reasoning, s.cost_uusd,
        s.unpriced, s.active_days, s.streak, s.first_day) IS DISTINCT FROM (EXCLUDED.visibility, EXCLUDED.hidden, EXCLUDED.requests, EXCLUDED.input,
        EXCLUDED.cache_read, EXCLUDED.cache_write_5m, EXCLUDED.cache_write_1h, EXCLUDED.output, EXCLUDED.reasoning, EXCLUDED.cost_uusd,
      EXCLUDED.unpriced, EXCLUDED.active_days, EXCLUDED.streak, EXCLUDED.first_day);
END $$;
-- +goose StatementEnd
