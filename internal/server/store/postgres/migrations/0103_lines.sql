-- +goose Up
-- +goose StatementBegin
SET LOCAL ROLE tf_owner;
-- What lines are made with is as before, and planned once in a session: in plain SQL it was parsed and planned with every account.
-- line_visibility is a part of the statements that call it: its body was read when it was made, and needs no search path.
CREATE OR REPLACE FUNCTION tf.line_visibility(p_standing int, p_hidden int, p_period text, p_source text, p_family text) RETURNS smallint IMMUTABLE
  RETURN (CASE WHEN p_standing = 2 AND (p_hidden & 4 <> 0 AND p_source <> '' OR p_hidden & 2 <> 0 AND p_family <> ''
    OR p_hidden & 8 <> 0 AND length(p_period) = 10) THEN 1 ELSE p_standing END)::smallint;

CREATE OR REPLACE FUNCTION tf.shift(p_day text, p_by int) RETURNS text LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN to_char(p_day::date + p_by, 'YYYY-MM-DD');
END $$;

CREATE OR REPLACE FUNCTION tf.periods(p_day text, p_today text, OUT o_name text, OUT o_from text, OUT o_to text, OUT o_last text) RETURNS SETOF record
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  d date := p_day::date;
  monday date := date_trunc('week', d)::date;
BEGIN
  RETURN QUERY SELECT p.* FROM (VALUES
    (p_day, p_day, p_day, p_day),
    (to_char(d, 'IYYY"-W"IW'), monday::text, (monday + 6)::text, (monday + 6)::text),
    (to_char(d, 'YYYY-MM'), to_char(d, 'YYYY-MM-01'), to_char(d, 'YYYY-MM-31'), (date_trunc('month', d) + interval '1 month - 1 day')::date::text),
    (to_char(d, 'YYYY'), to_char(d, 'YYYY-01-01'), to_char(d, 'YYYY-12-31'), to_char(d, 'YYYY-12-31')),
    ('all', '0001-01-01', '9999-12-31', '9999-12-31'),
    ('7d', tf.shift(p_today, -6), p_today, '9999-12-31'),
    ('30d', tf.shift(p_today, -29), p_today, '9999-12-31')) p(name, lo, hi, last)
   WHERE p_day BETWEEN p.lo AND p.hi;
END $$;

-- Makes an account's lines of some periods again. It recomputes rather than adds: a sum made again from its parts cannot drift. Periods
-- are told apart by their places in the arrays, which are compared sooner than names.
CREATE OR REPLACE FUNCTION tf.rescore(p_user bigint, p_standing int, p_hidden int, p_names text[], p_from text[], p_to text[], p_last text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  WITH cell AS MATERIALIZED (
    SELECT p.n, u.day, u.source, u.family, u.requests, u.input, u.cache_read, u.cache_write_5m, u.cache_write_1h, u.output, u.reasoning,
      u.cost_uusd, u.unpriced, u.timely
      FROM unnest(p_from, p_to) WITH ORDINALITY p(lo, hi, n)
      JOIN tf.user_day u ON u.user_id = p_user AND u.day BETWEEN p.lo AND p.hi),
  act AS (
    SELECT DISTINCT c.n, s.source, s.family, c.day::date AS day FROM cell c,
      LATERAL (VALUES (c.source, c.family), (c.source, ''), ('', c.family), ('', '')) s(source, family) WHERE c.timely),
  run AS (
    SELECT i.n, i.source, i.family, max(i.days) AS days FROM (
      SELECT a.n, a.source, a.family, count(*) AS days FROM (
        SELECT act.n, act.source, act.family, act.day - (row_number() OVER (PARTITION BY act.n, act.source, act.family ORDER BY act.day))::int AS island FROM act) a
       GROUP BY a.n, a.source, a.family, a.island) i
     GROUP BY i.n, i.source, i.family),
  line AS (
    SELECT c.n, coalesce(c.source, '') AS source, coalesce(c.family, '') AS family, sum(c.requests) AS requests, sum(c.input) AS input,
      sum(c.cache_read) AS cache_read, sum(c.cache_write_5m) AS cache_write_5m, sum(c.cache_write_1h) AS cache_write_1h, sum(c.output) AS output,
      sum(c.reasoning) AS reasoning, sum(c.input + c.cache_read + c.cache_write_5m + c.cache_write_1h + c.output) AS tokens, sum(c.cost_uusd) AS cost_uusd,
      sum(c.unpriced) AS unpriced, count(DISTINCT c.day) AS active_days, min(c.day) AS first_day
      FROM cell c GROUP BY c.n, CUBE (c.source, c.family)),
  gone AS (
    DELETE FROM tf.score s WHERE s.user_id = p_user AND s.period = ANY (p_names)
       AND NOT EXISTS (SELECT FROM line l WHERE (p_names[l.n], l.source, l.family) = (s.period, s.source, s.family)))
  INSERT INTO tf.score AS s
  SELECT p_user, p_names[l.n], l.source, l.family, p_last[l.n], tf.line_visibility(p_standing, p_hidden, p_names[l.n], l.source, l.family), NULL, p_hidden,
      l.requests, l.input, l.cache_read, l.cache_write_5m, l.cache_write_1h, l.output, l.reasoning, l.tokens, l.cost_uusd, l.unpriced, l.active_days,
      coalesce(r.days, 0), l.first_day
    FROM line l LEFT JOIN run r ON (r.n, r.source, r.family) = (l.n, l.source, l.family)
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
