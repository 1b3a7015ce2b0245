-- +goose Up
-- +goose StatementBegin
GRANT USAGE ON SCHEMA tf TO tf_job;
GRANT CREATE ON SCHEMA tf TO tf_door, tf_sum, tf_job;
SET LOCAL ROLE tf_job;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
SET LOCAL ROLE tf_owner;

-- What a public account keeps back: 1 cost, 2 models, 4 sources, 8 exact days.
ALTER TABLE tf.users ADD COLUMN hidden smallint NOT NULL DEFAULT 0 CHECK (hidden BETWEEN 0 AND 15);

-- The family of every model that was ever sent, by the server's price book.
CREATE TABLE tf.models (
  model  text COLLATE "C" PRIMARY KEY CHECK (model ~ '^[a-z0-9][a-z0-9._:/@+-]{0,95}$'),
  family text COLLATE "C" NOT NULL CHECK (family ~ '^[a-z0-9][a-z0-9-]{0,31}$')
);

-- What counts: usage_day without its held cells, summed over devices and the models of a family.
DROP TABLE tf.user_day;
CREATE TABLE tf.user_day (
  user_id        bigint NOT NULL REFERENCES tf.users ON DELETE CASCADE,
  day            text COLLATE "C" NOT NULL,
  source         text COLLATE "C" NOT NULL,
  family         text COLLATE "C" NOT NULL,
  requests       bigint NOT NULL,
  input          bigint NOT NULL,
  cache_read     bigint NOT NULL,
  cache_write_5m bigint NOT NULL,
  cache_write_1h bigint NOT NULL,
  output         bigint NOT NULL,
  reasoning      bigint NOT NULL,
  cost_uusd      bigint NOT NULL,
  unpriced       bigint NOT NULL,  -- tokens
  timely         boolean NOT NULL, -- received within 45 days: only then does it make a streak
  PRIMARY KEY (user_id, day, source, family)
);
CREATE INDEX user_day_day ON tf.user_day (day, user_id);

-- user_day summed over the days of a period; source '' is all of them together, and so is family ''.
DROP TABLE tf.score;
CREATE TABLE tf.score (
  user_id        bigint NOT NULL REFERENCES tf.users ON DELETE CASCADE,
  period         text COLLATE "C" NOT NULL,
  source         text COLLATE "C" NOT NULL,
  family         text COLLATE "C" NOT NULL,
  last_day       text COLLATE "C" NOT NULL, -- of the period; three days later it is closed and its lines stand still
  visibility     smallint NOT NULL,         -- of the line; -1 while the account is suspended
  closed_as      smallint,                  -- the account's visibility when the period closed, once that has changed
  hidden         smallint NOT NULL,         -- of the account
  requests       bigint NOT NULL,
  input          bigint NOT NULL,
  cache_read     bigint NOT NULL,
  cache_write_5m bigint NOT NULL,
  cache_write_1h bigint NOT NULL,
  output         bigint NOT NULL,
  reasoning      bigint NOT NULL,
  tokens         bigint NOT NULL,
  cost_uusd      bigint NOT NULL,
  unpriced       bigint NOT NULL,
  active_days    bigint NOT NULL,
  streak         bigint NOT NULL,           -- days in a row, inside the period
  first_day      text COLLATE "C" NOT NULL,
  PRIMARY KEY (user_id, period, source, family)
);
CREATE INDEX score_tokens ON tf.score (period, source, family, tokens DESC, user_id DESC) WHERE visibility = 2;
CREATE INDEX score_output ON tf.score (period, source, family, output DESC, user_id DESC) WHERE visibility = 2;
CREATE INDEX score_cost ON tf.score (period, source, family, cost_uusd DESC, user_id DESC) WHERE visibility = 2 AND hidden & 1 = 0;
CREATE INDEX score_days ON tf.score (period, source, family, active_days DESC, user_id DESC) WHERE visibility = 2 AND hidden & 8 = 0;
CREATE INDEX score_streak ON tf.score (period, source, family, streak DESC, user_id DESC) WHERE visibility = 2 AND hidden & 8 = 0;
CREATE INDEX score_counted ON tf.score (period, source, family, visibility) WHERE visibility > 0;

-- Up to which day the rolling boards are made.
CREATE TABLE tf.rolling (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  day text COLLATE "C" NOT NULL
);

DO $$ DECLARE t regclass; BEGIN
  FOREACH t IN ARRAY ARRAY['tf.models', 'tf.user_day', 'tf.score', 'tf.rolling']::regclass[] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
  END LOOP;
END $$;

GRANT UPDATE (hidden) ON tf.users TO tf_door;
GRANT SELECT, INSERT, UPDATE, DELETE ON tf.user_day, tf.score TO tf_door, tf_job;
GRANT SELECT, INSERT, UPDATE ON tf.models TO tf_door, tf_job;
GRANT SELECT, INSERT, UPDATE ON tf.rolling TO tf_job;
GRANT SELECT (id, visibility, state, hidden) ON tf.users TO tf_job;
GRANT SELECT ON tf.user_day, tf.score TO tf_app, tf_owner;
GRANT SELECT ON tf.users, tf.user_day, tf.score, tf.models TO tf_sum;

-- The server's role sees whole rows of nobody but the transaction's user. What is public it sees through the views and
-- functions of tf_sum, which keep back what their owners hide.
DROP POLICY own_or_public ON tf.usage_day;
CREATE POLICY own ON tf.usage_day FOR SELECT TO tf_app, tf_owner USING (user_id = (SELECT tf.uid()));
CREATE POLICY own ON tf.user_day FOR SELECT TO tf_app, tf_owner USING (user_id = (SELECT tf.uid()));
CREATE POLICY own ON tf.score FOR SELECT TO tf_app, tf_owner USING (user_id = (SELECT tf.uid()));
CREATE POLICY door_own ON tf.user_day FOR ALL TO tf_door USING (user_id = (SELECT tf.uid())) WITH CHECK (user_id = (SELECT tf.uid()));
CREATE POLICY door_own ON tf.score FOR ALL TO tf_door USING (user_id = (SELECT tf.uid())) WITH CHECK (user_id = (SELECT tf.uid()));
CREATE POLICY door_names ON tf.models FOR ALL TO tf_door USING (true) WITH CHECK (true);
CREATE POLICY public ON tf.users FOR SELECT TO tf_sum USING (visibility = 2 AND state = 0);
CREATE POLICY everybody ON tf.user_day FOR SELECT TO tf_sum USING (true);
CREATE POLICY everybody ON tf.score FOR SELECT TO tf_sum USING (true);
CREATE POLICY everybody ON tf.models FOR SELECT TO tf_sum USING (true);
CREATE POLICY house ON tf.users FOR SELECT TO tf_job USING (true);
CREATE POLICY house ON tf.user_day FOR ALL TO tf_job USING (true) WITH CHECK (true);
CREATE POLICY house ON tf.score FOR ALL TO tf_job USING (true) WITH CHECK (true);
CREATE POLICY house ON tf.models FOR ALL TO tf_job USING (true) WITH CHECK (true);
CREATE POLICY house ON tf.rolling FOR ALL TO tf_job USING (true) WITH CHECK (true);

-- Helpers of doors and jobs, which run with the rights of whoever calls them.
CREATE FUNCTION tf.shift(p_day text, p_by int) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS
  $$ SELECT to_char(p_day::date + p_by, 'YYYY-MM-DD') $$;

-- The periods that a day belongs to on some day, with the last day of each. The rolling ones never close.
CREATE FUNCTION tf.periods(p_day text, p_today text, OUT o_name text, OUT o_from text, OUT o_to text, OUT o_last text) RETURNS SETOF record
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.name, p.lo, p.hi, p.last FROM (SELECT p_day::date AS d, tf.shift(p_today, -6) AS week, tf.shift(p_today, -29) AS month) x, LATERAL (VALUES
    (p_day, p_day, p_day, p_day),
    (to_char(d, 'IYYY"-W"IW'), date_trunc('week', d)::date::text, (date_trunc('week', d)::date + 6)::text, (date_trunc('week', d)::date + 6)::text),
    (to_char(d, 'YYYY-MM'), to_char(d, 'YYYY-MM-01'), to_char(d, 'YYYY-MM-31'), (date_trunc('month', d) + interval '1 month - 1 day')::date::text),
    (to_char(d, 'YYYY'), to_char(d, 'YYYY-01-01'), to_char(d, 'YYYY-12-31'), to_char(d, 'YYYY-12-31')),
    ('all', '0001-01-01', '9999-12-31', '9999-12-31'),
    ('7d', week, p_today, '9999-12-31'),
    ('30d', month, p_today, '9999-12-31')) p(name, lo, hi, last)
   WHERE p_day BETWEEN p.lo AND p.hi $$;

-- Who sees a line of an account: hiding the tools, the models or the days takes the lines away that would tell them.
CREATE FUNCTION tf.line_visibility(p_standing int, p_hidden int, p_period text, p_source text, p_family text) RETURNS smallint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT (CASE WHEN p_standing = 2 AND (p_hidden & 4 <> 0 AND p_source <> '' OR p_hidden & 2 <> 0 AND p_family <> ''
    OR p_hidden & 8 <> 0 AND length(p_period) = 10) THEN 1 ELSE p_standing END)::smallint $$;

-- Makes an account's lines of some periods again. It recomputes rather than adds: a sum made again from its parts cannot drift.
CREATE FUNCTION tf.rescore(p_user bigint, p_standing int, p_hidden int, p_names text[], p_from text[], p_to text[], p_last text[]) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  WITH cell AS MATERIALIZED (
    SELECT p.name, p.last, u.day, u.source, u.family, u.requests, u.input, u.cache_read, u.cache_write_5m, u.cache_write_1h, u.output, u.reasoning,
      u.cost_uusd, u.unpriced, u.timely
      FROM unnest(p_names, p_from, p_to, p_last) p(name, lo, hi, last)
      JOIN tf.user_day u ON u.user_id = p_user AND u.day BETWEEN p.lo AND p.hi),
  act AS (
    SELECT DISTINCT c.name, s.source, s.family, c.day FROM cell c,
      LATERAL (VALUES (c.source, c.family), (c.source, ''), ('', c.family), ('', '')) s(source, family) WHERE c.timely),
  run AS (
    SELECT i.name, i.source, i.family, max(i.n) AS days FROM (
      SELECT a.name, a.source, a.family, count(*) AS n FROM (
        SELECT act.name, act.source, act.family, act.day::date - (row_number() OVER (PARTITION BY act.name, act.source, act.family ORDER BY act.day))::int AS island FROM act) a
       GROUP BY a.name, a.source, a.family, a.island) i
     GROUP BY i.name, i.source, i.family),
  line AS (
    SELECT c.name, c.last, coalesce(c.source, '') AS source, coalesce(c.family, '') AS family, sum(requests) AS requests, sum(input) AS input,
      sum(cache_read) AS cache_read, sum(cache_write_5m) AS cache_write_5m, sum(cache_write_1h) AS cache_write_1h, sum(output) AS output,
      sum(reasoning) AS reasoning, sum(input + cache_read + cache_write_5m + cache_write_1h + output) AS tokens, sum(cost_uusd) AS cost_uusd,
      sum(unpriced) AS unpriced, count(DISTINCT day) AS active_days, min(day) AS first_day
      FROM cell c GROUP BY c.name, c.last, CUBE (c.source, c.family)),
  gone AS (
    DELETE FROM tf.score s WHERE s.user_id = p_user AND s.period = ANY (p_names)
       AND NOT EXISTS (SELECT FROM line l WHERE (l.name, l.source, l.family) = (s.period, s.source, s.family)))
  INSERT INTO tf.score AS s
  SELECT p_user, l.name, l.source, l.family, l.last, tf.line_visibility(p_standing, p_hidden, l.name, l.source, l.family), NULL, p_hidden,
      l.requests, l.input, l.cache_read, l.cache_write_5m, l.cache_write_1h, l.output, l.reasoning, l.tokens, l.cost_uusd, l.unpriced, l.active_days,
      coalesce(r.days, 0), l.first_day
    FROM line l LEFT JOIN run r ON (r.name, r.source, r.family) = (l.name, l.source, l.family)
  ON CONFLICT (user_id, period, source, family) DO UPDATE SET last_day = EXCLUDED.last_day, visibility = EXCLUDED.visibility, hidden = EXCLUDED.hidden,
    requests = EXCLUDED.requests, input = EXCLUDED.input, cache_read = EXCLUDED.cache_read, cache_write_5m = EXCLUDED.cache_write_5m,
    cache_write_1h = EXCLUDED.cache_write_1h, output = EXCLUDED.output, reasoning = EXCLUDED.reasoning, tokens = EXCLUDED.tokens,
    cost_uusd = EXCLUDED.cost_uusd, unpriced = EXCLUDED.unpriced, active_days = EXCLUDED.active_days, streak = EXCLUDED.streak, first_day = EXCLUDED.first_day
  WHERE (s.visibility, s.hidden, s.requests, s.input, s.cache_read, s.cache_write_5m, s.cache_write_1h, s.output, s.reasoning, s.cost_uusd,
      s.unpriced, s.active_days, s.streak, s.first_day) IS DISTINCT FROM (EXCLUDED.visibility, EXCLUDED.hidden, EXCLUDED.requests, EXCLUDED.input,
      EXCLUDED.cache_read, EXCLUDED.cache_write_5m, EXCLUDED.cache_write_1h, EXCLUDED.output, EXCLUDED.reasoning, EXCLUDED.cost_uusd,
      EXCLUDED.unpriced, EXCLUDED.active_days, EXCLUDED.streak, EXCLUDED.first_day) $$;

-- Brings user_day and the lines of the periods that are not closed up to the rows of some days of an account.
CREATE FUNCTION tf.roll_up_user(p_user bigint, p_from text, p_to text, p_today text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  touched text[];
  standing int;
  hide int;
  names text[];
  lo text[];
  hi text[];
  last text[];
BEGIN
  WITH fresh AS MATERIALIZED (
    SELECT d.day, d.source, coalesce(m.family, 'other') AS family, sum(d.requests) AS requests, sum(d.input) AS input, sum(d.cache_read) AS cache_read,
      sum(d.cache_write_5m) AS cache_write_5m, sum(d.cache_write_1h) AS cache_write_1h, sum(d.output) AS output, sum(d.reasoning) AS reasoning,
      sum(d.cost_uusd) AS cost_uusd,
      coalesce(sum(d.input + d.cache_read + d.cache_write_5m + d.cache_write_1h + d.output) FILTER (WHERE NOT d.priced), 0) AS unpriced,
      bool_or(d.first_seen_at < extract(epoch FROM d.day::date + 46)) AS timely
      FROM tf.usage_day d LEFT JOIN tf.models m ON m.model = d.model
     WHERE d.user_id = p_user AND d.day BETWEEN p_from AND p_to AND NOT d.held GROUP BY 1, 2, 3),
  gone AS (
    DELETE FROM tf.user_day u WHERE u.user_id = p_user AND u.day BETWEEN p_from AND p_to
       AND NOT EXISTS (SELECT FROM fresh f WHERE (f.day, f.source, f.family) = (u.day, u.source, u.family)) RETURNING u.day),
  put AS (
    INSERT INTO tf.user_day AS u SELECT p_user, f.* FROM fresh f
    ON CONFLICT (user_id, day, source, family) DO UPDATE SET requests = EXCLUDED.requests, input = EXCLUDED.input, cache_read = EXCLUDED.cache_read,
      cache_write_5m = EXCLUDED.cache_write_5m, cache_write_1h = EXCLUDED.cache_write_1h, output = EXCLUDED.output, reasoning = EXCLUDED.reasoning,
      cost_uusd = EXCLUDED.cost_uusd, unpriced = EXCLUDED.unpriced, timely = EXCLUDED.timely
    WHERE (u.requests, u.input, u.cache_read, u.cache_write_5m, u.cache_write_1h, u.output, u.reasoning, u.cost_uusd, u.unpriced, u.timely)
      IS DISTINCT FROM (EXCLUDED.requests, EXCLUDED.input, EXCLUDED.cache_read, EXCLUDED.cache_write_5m, EXCLUDED.cache_write_1h, EXCLUDED.output,
      EXCLUDED.reasoning, EXCLUDED.cost_uusd, EXCLUDED.unpriced, EXCLUDED.timely) RETURNING u.day)
  SELECT array_agg(DISTINCT x.day) INTO touched FROM (SELECT day FROM gone UNION ALL SELECT day FROM put) x;
  IF touched IS NULL THEN
    RETURN;
  END IF;
  SELECT CASE u.state WHEN 0 THEN u.visibility ELSE -1 END, u.hidden INTO standing, hide FROM tf.users u WHERE u.id = p_user;
  SELECT array_agg(p.o_name), array_agg(p.o_from), array_agg(p.o_to), array_agg(p.o_last) INTO names, lo, hi, last
    FROM (SELECT DISTINCT q.* FROM unnest(touched) d, LATERAL tf.periods(d, p_today) q WHERE q.o_last > tf.shift(p_today, -3)) p;
  IF names IS NOT NULL THEN
    PERFORM tf.rescore(p_user, standing, hide, names, lo, hi, last);
  END IF;
END $$;

-- Gives every line of an account the visibility that it should have. p_before is the account's until now: a period that
-- closed under it shows the account to nobody more than it did then.
CREATE FUNCTION tf.restand(p_user bigint, p_before int, p_today text) RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  UPDATE tf.score s SET closed_as = x.closed_as, hidden = x.hidden,
    visibility = CASE WHEN x.state = 0 THEN tf.line_visibility(least(x.visibility, coalesce(x.closed_as, 2)), x.hidden, s.period, s.source, s.family) ELSE -1 END
    FROM (SELECT o.period, o.source, o.family, u.state, u.visibility, u.hidden,
        coalesce(o.closed_as, CASE WHEN o.last_day <= tf.shift(p_today, -3) AND p_before <> u.visibility THEN p_before END)::smallint AS closed_as
        FROM tf.score o JOIN tf.users u ON u.id = o.user_id WHERE o.user_id = p_user) x
   WHERE s.user_id = p_user AND (s.period, s.source, s.family) = (x.period, x.source, x.family) $$;

-- Takes an account off the boards of the closed periods that the days are in: their lines stand still, so they cannot
-- become smaller.
CREATE FUNCTION tf.leave_closed(p_user bigint, p_days text[], p_today text) RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM tf.score WHERE user_id = p_user AND period IN (
    SELECT p.o_name FROM unnest(p_days) d, LATERAL tf.periods(d, p_today) p WHERE p.o_last <= tf.shift(p_today, -3)) $$;

GRANT EXECUTE ON FUNCTION tf.leave_closed, tf.shift, tf.periods(text, text), tf.line_visibility, tf.rescore, tf.roll_up_user, tf.restand TO tf_door, tf_job;

SET LOCAL ROLE tf_door;

DROP FUNCTION tf.roll_up(text, text);
DROP FUNCTION tf.periods(text);
CREATE FUNCTION tf.roll_up(p_from text, p_to text, p_today text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM tf.roll_up_user(tf.me(), p_from, p_to, p_today);
END $$;

-- Says which families models belong to.
CREATE FUNCTION tf.name_models(p_families jsonb) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO tf.models AS m SELECT f.key, f.value FROM jsonb_each_text(p_families) f ORDER BY 1
  ON CONFLICT (model) DO UPDATE SET family = EXCLUDED.family WHERE m.family <> EXCLUDED.family $$;

DROP FUNCTION tf.set_visibility(smallint);
CREATE FUNCTION tf.set_visibility(p_visibility smallint, p_hidden smallint, p_today text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
  before int;
BEGIN
  SELECT visibility INTO before FROM tf.users WHERE id = me;
  UPDATE tf.users SET visibility = coalesce(p_visibility, visibility), hidden = coalesce(p_hidden, hidden) WHERE id = me;
  PERFORM tf.restand(me, before, p_today);
END $$;

CREATE OR REPLACE FUNCTION tf.release_hold(p_day text, p_source text, p_at bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  UPDATE tf.holds SET released_at = p_at WHERE user_id = me AND day = p_day AND source = p_source AND released_at IS NULL;
  IF NOT FOUND THEN
    PERFORM tf.refuse('TF404');
  END IF;
  PERFORM tf.mark_held(p_day, p_day);
  PERFORM tf.roll_up_user(me, p_day, p_day, to_char(to_timestamp(p_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD'));
  PERFORM tf.note(p_at, 'release', p_day || ' ' || p_source);
END $$;

GRANT EXECUTE ON FUNCTION tf.roll_up(text, text, text), tf.name_models, tf.set_visibility(smallint, smallint, text) TO tf_app, tf_owner;

SET LOCAL ROLE tf_sum;
-- Lines that everybody may see. What an account hides is NULL, and on a board by that very thing it has no line.
CREATE VIEW tf.public_lines WITH (security_barrier) AS
  SELECT s.user_id, u.handle, s.period, s.source, s.family, s.hidden, s.requests, s.input, s.cache_read, s.cache_write_5m, s.cache_write_1h, s.output,
    s.reasoning, s.tokens, CASE WHEN s.hidden & 1 = 0 THEN s.cost_uusd END AS cost_uusd, CASE WHEN s.hidden & 1 = 0 THEN s.unpriced END AS unpriced,
    CASE WHEN s.hidden & 8 = 0 THEN s.active_days END AS active_days, CASE WHEN s.hidden & 8 = 0 THEN s.streak END AS streak,
    CASE WHEN s.hidden & 8 = 0 THEN s.first_day END AS first_day
    FROM tf.score s JOIN tf.users u ON u.id = s.user_id WHERE s.visibility = 2;
CREATE VIEW tf.public_lines_cost WITH (security_barrier) AS
  SELECT s.user_id, u.handle, s.period, s.source, s.family, s.hidden, s.requests, s.input, s.cache_read, s.cache_write_5m, s.cache_write_1h, s.output,
    s.reasoning, s.tokens, s.cost_uusd, s.unpriced,
    CASE WHEN s.hidden & 8 = 0 THEN s.active_days END AS active_days, CASE WHEN s.hidden & 8 = 0 THEN s.streak END AS streak,
    CASE WHEN s.hidden & 8 = 0 THEN s.first_day END AS first_day
    FROM tf.score s JOIN tf.users u ON u.id = s.user_id WHERE s.visibility = 2 AND s.hidden & 1 = 0;
CREATE VIEW tf.public_lines_days WITH (security_barrier) AS
  SELECT s.user_id, u.handle, s.period, s.source, s.family, s.hidden, s.requests, s.input, s.cache_read, s.cache_write_5m, s.cache_write_1h, s.output,
    s.reasoning, s.tokens, CASE WHEN s.hidden & 1 = 0 THEN s.cost_uusd END AS cost_uusd, CASE WHEN s.hidden & 1 = 0 THEN s.unpriced END AS unpriced,
    s.active_days, s.streak, s.first_day
    FROM tf.score s JOIN tf.users u ON u.id = s.user_id WHERE s.visibility = 2 AND s.hidden & 8 = 0;
GRANT SELECT ON tf.public_lines, tf.public_lines_cost, tf.public_lines_days TO tf_app, tf_owner;

-- Days of a public account, for everybody: without costs, models, tools or exact days where it hides them.
CREATE FUNCTION tf.public_days(p_user bigint, p_from text, p_to text) RETURNS TABLE (o_day text, o_source text, o_model text, o_band int, o_tier text,
  o_requests bigint, o_input bigint, o_cache_read bigint, o_cache_write_5m bigint, o_cache_write_1h bigint, o_output bigint, o_reasoning bigint,
  o_cost bigint, o_priced boolean) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN u.hidden & 8 = 0 THEN d.day ELSE date_trunc('week', d.day::date)::date::text END,
    CASE WHEN u.hidden & 4 = 0 THEN d.source ELSE 'other' END, CASE WHEN u.hidden & 2 = 0 THEN d.model ELSE 'other' END,
    CASE WHEN u.hidden & 2 = 0 THEN d.band ELSE 0 END, CASE WHEN u.hidden & 2 = 0 THEN d.tier ELSE 'standard' END,
    sum(d.requests)::bigint, sum(d.input)::bigint, sum(d.cache_read)::bigint, sum(d.cache_write_5m)::bigint, sum(d.cache_write_1h)::bigint,
    sum(d.output)::bigint, sum(d.reasoning)::bigint, (CASE WHEN u.hidden & 1 = 0 THEN sum(d.cost_uusd) ELSE 0 END)::bigint, u.hidden & 1 = 0 AND d.priced
    FROM tf.usage_day d JOIN tf.users u ON u.id = d.user_id WHERE d.user_id = p_user AND NOT d.held
     -- One day of a hidden week must not be had by asking for it alone.
     AND (CASE WHEN u.hidden & 8 = 0 THEN d.day ELSE date_trunc('week', d.day::date)::date::text END) BETWEEN p_from AND p_to
   GROUP BY u.hidden, 1, 2, 3, 4, 5, 14 ORDER BY 1, 2, 3, 4, 5, 14 $$;

CREATE FUNCTION tf.public_day_shares(p_users bigint[], p_source text, p_family text, p_from text, p_to text) RETURNS TABLE (o_user bigint, o_of text, o_tokens bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT d.user_id, d.day, sum(d.input + d.cache_read + d.cache_write_5m + d.cache_write_1h + d.output)::bigint
    FROM tf.user_day d JOIN tf.users u ON u.id = d.user_id
   WHERE d.user_id = ANY (p_users) AND d.day BETWEEN p_from AND p_to AND (p_source = '' OR d.source = p_source) AND (p_family = '' OR d.family = p_family)
     AND u.hidden & 8 = 0 AND (p_source = '' OR u.hidden & 4 = 0) AND (p_family = '' OR u.hidden & 2 = 0)
   GROUP BY d.user_id, d.day ORDER BY 1, 2 $$;

CREATE FUNCTION tf.public_model_shares(p_users bigint[], p_source text, p_family text, p_from text, p_to text) RETURNS TABLE (o_user bigint, o_of text, o_tokens bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT d.user_id, d.model, sum(d.input + d.cache_read + d.cache_write_5m + d.cache_write_1h + d.output)::bigint
    FROM tf.usage_day d JOIN tf.users u ON u.id = d.user_id LEFT JOIN tf.models m ON m.model = d.model
   WHERE d.user_id = ANY (p_users) AND d.day BETWEEN p_from AND p_to AND NOT d.held AND (p_source = '' OR d.source = p_source)
     AND (p_family = '' OR coalesce(m.family, 'other') = p_family) AND u.hidden & 2 = 0 AND (p_source = '' OR u.hidden & 4 = 0)
   GROUP BY d.user_id, d.model ORDER BY 1, 2 $$;

-- Sums over everybody who may be counted, never a line of anybody. What a public account hides is no part of a sum that
-- the others' lines could be taken from.
DROP FUNCTION tf.crowd(text, text, smallint);
CREATE FUNCTION tf.crowd(p_period text, p_source text, p_family text, p_visibility smallint) RETURNS TABLE (o_users bigint, o_largest bigint, o_requests bigint,
  o_input bigint, o_cache_read bigint, o_cache_write_5m bigint, o_cache_write_1h bigint, o_output bigint, o_reasoning bigint, o_cost bigint, o_unpriced bigint,
  o_days bigint, o_first text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT count(*), coalesce(max(tokens), 0), coalesce(sum(requests), 0)::bigint, coalesce(sum(input), 0)::bigint, coalesce(sum(cache_read), 0)::bigint,
    coalesce(sum(cache_write_5m), 0)::bigint, coalesce(sum(cache_write_1h), 0)::bigint, coalesce(sum(output), 0)::bigint,
    coalesce(sum(reasoning), 0)::bigint, coalesce(sum(cost_uusd) FILTER (WHERE visibility = 1 OR hidden & 1 = 0), 0)::bigint,
    coalesce(sum(unpriced) FILTER (WHERE visibility = 1 OR hidden & 1 = 0), 0)::bigint, coalesce(sum(active_days), 0)::bigint, coalesce(min(first_day), '')
    FROM tf.score WHERE period = p_period AND source = p_source AND family = p_family AND visibility = p_visibility AND p_visibility IN (1, 2) $$;

-- Sums by tool, by family and in all, in which nobody adds more than the one whom a thousandth exceed.
CREATE FUNCTION tf.cells(p_period text, p_public boolean) RETURNS TABLE (o_source text, o_family text, o_users bigint, o_largest bigint, o_tokens bigint,
  o_cost bigint, o_aggregate bigint, o_aggregate_tokens bigint, o_aggregate_largest bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH line AS MATERIALIZED (
    SELECT s.source, s.family, s.visibility, s.tokens, CASE WHEN s.visibility = 1 OR s.hidden & 1 = 0 THEN s.cost_uusd END AS cost FROM tf.score s
     WHERE s.period = p_period AND s.visibility > 0 AND (s.visibility = 2 OR NOT p_public) AND (s.source = '' OR s.family = '')),
  cap AS (
    SELECT l.source, l.family, percentile_disc(0.999) WITHIN GROUP (ORDER BY l.tokens) AS tokens, percentile_disc(0.999) WITHIN GROUP (ORDER BY l.cost) AS cost
      FROM line l GROUP BY l.source, l.family)
  SELECT l.source, l.family, count(*), max(least(l.tokens, c.tokens)), sum(least(l.tokens, c.tokens))::bigint,
    coalesce(sum(CASE WHEN l.cost IS NOT NULL THEN least(l.cost, c.cost) END), 0)::bigint, count(*) FILTER (WHERE l.visibility = 1),
    coalesce(sum(least(l.tokens, c.tokens)) FILTER (WHERE l.visibility = 1), 0)::bigint, coalesce(max(least(l.tokens, c.tokens)) FILTER (WHERE l.visibility = 1), 0)
    FROM line l JOIN cap c USING (source, family) GROUP BY l.source, l.family ORDER BY 1, 2 $$;

-- The tools and families that a public line of the period names, found by leaping from one to the next.
CREATE FUNCTION tf.board_parts(p_period text) RETURNS TABLE (o_source text, o_family text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH RECURSIVE part AS (
    (SELECT s.source, s.family FROM tf.score s WHERE s.period = p_period AND s.visibility = 2 ORDER BY s.source, s.family LIMIT 1)
    UNION ALL
    SELECT n.source, n.family FROM part p, LATERAL (SELECT s.source, s.family FROM tf.score s
      WHERE s.period = p_period AND s.visibility = 2 AND (s.source, s.family) > (p.source, p.family) ORDER BY s.source, s.family LIMIT 1) n)
  SELECT source, family FROM part $$;
GRANT EXECUTE ON FUNCTION tf.public_days, tf.public_day_shares, tf.public_model_shares, tf.crowd, tf.cells, tf.board_parts TO tf_app, tf_owner;

SET LOCAL ROLE tf_job;
-- Moves the rolling boards on to a day: whoever used something on a day that comes in or goes out gets their lines again.
-- It does at most p_most accounts, and returns how many are left, or -1 if another process is at it.
CREATE FUNCTION tf.roll_on(p_today text, p_after bigint, p_most int, OUT o_last bigint, OUT o_done int) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  was text;
  who record;
BEGIN
  o_done := 0;
  IF NOT pg_try_advisory_xact_lock(1952868210) THEN
    o_done := -1;
    RETURN;
  END IF;
  SELECT day INTO was FROM tf.rolling;
  IF was >= p_today THEN
    RETURN;
  END IF;
  FOR who IN
    SELECT DISTINCT d.user_id, CASE u.state WHEN 0 THEN u.visibility ELSE -1 END AS standing, u.hidden FROM tf.user_day d JOIN tf.users u ON u.id = d.user_id
     WHERE d.user_id > p_after AND (was IS NULL OR d.day > was AND d.day <= p_today
        OR d.day >= tf.shift(was, -6) AND d.day < tf.shift(p_today, -6) OR d.day >= tf.shift(was, -29) AND d.day < tf.shift(p_today, -29))
     ORDER BY d.user_id LIMIT p_most
  LOOP
    PERFORM tf.rescore(who.user_id, who.standing, who.hidden, ARRAY['7d', '30d'], ARRAY[tf.shift(p_today, -6), tf.shift(p_today, -29)],
      ARRAY[p_today, p_today], ARRAY['9999-12-31', '9999-12-31']);
    o_last := who.user_id;
    o_done := o_done + 1;
  END LOOP;
  IF o_done < p_most THEN
    INSERT INTO tf.rolling (day) VALUES (p_today) ON CONFLICT (one) DO UPDATE SET day = EXCLUDED.day;
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION tf.roll_on TO tf_app, tf_owner;

SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door, tf_sum, tf_job;
-- +goose StatementEnd
