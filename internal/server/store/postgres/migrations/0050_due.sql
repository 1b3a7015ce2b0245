-- +goose Up
-- +goose StatementBegin
SET LOCAL ROLE tf_owner;
GRANT CREATE ON SCHEMA tf TO tf_door, tf_sum, tf_job;

-- Accounts whose sums have changed since their lines were made.
CREATE TABLE tf.due (
  user_id bigint PRIMARY KEY REFERENCES tf.users ON DELETE CASCADE,
  at      bigint NOT NULL,          -- of the first of the changes; all are of one day
  days    text COLLATE "C" NOT NULL -- that changed, with spaces between
);
CREATE INDEX due_at ON tf.due (at);
ALTER TABLE tf.due ENABLE ROW LEVEL SECURITY;
ALTER TABLE tf.due FORCE ROW LEVEL SECURITY;
CREATE POLICY door_own ON tf.due FOR ALL TO tf_door USING (user_id = (SELECT tf.uid())) WITH CHECK (user_id = (SELECT tf.uid()));
CREATE POLICY house ON tf.due FOR ALL TO tf_job USING (true) WITH CHECK (true);
CREATE POLICY door_reads ON tf.rolling FOR SELECT TO tf_door USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON tf.due TO tf_door, tf_job;
GRANT SELECT ON tf.rolling TO tf_door;

-- usage_day without its held cells, summed over devices and the days of a month: what a long board needs to name models.
CREATE TABLE tf.user_model (
  user_id bigint NOT NULL REFERENCES tf.users ON DELETE CASCADE,
  month   text COLLATE "C" NOT NULL,
  source  text COLLATE "C" NOT NULL,
  model   text COLLATE "C" NOT NULL,
  tokens  bigint NOT NULL,
  PRIMARY KEY (user_id, month, source, model)
);
ALTER TABLE tf.user_model ENABLE ROW LEVEL SECURITY;
ALTER TABLE tf.user_model FORCE ROW LEVEL SECURITY;
CREATE POLICY door_own ON tf.user_model FOR ALL TO tf_door USING (user_id = (SELECT tf.uid())) WITH CHECK (user_id = (SELECT tf.uid()));
CREATE POLICY house ON tf.user_model FOR ALL TO tf_job USING (true) WITH CHECK (true);
CREATE POLICY everybody ON tf.user_model FOR SELECT TO tf_sum USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON tf.user_model TO tf_door, tf_job;
GRANT SELECT ON tf.user_model TO tf_sum;

-- Helpers of doors and jobs, which run with the rights of whoever calls them.
CREATE FUNCTION tf.day_of(p_at bigint) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS
  $$ SELECT to_char(to_timestamp(p_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD') $$;

-- Brings user_day up to the rows of some days of an account, and returns those that changed.
CREATE FUNCTION tf.sum_days(p_user bigint, p_from text, p_to text) RETURNS text[]
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  touched text[];
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
  RETURN touched;
END $$;

-- Brings user_model up to the rows of the months that some days are in.
CREATE FUNCTION tf.sum_months(p_user bigint, p_days text[]) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  m text;
BEGIN
  FOR m IN SELECT DISTINCT left(d, 7) FROM unnest(p_days) d LOOP
    WITH fresh AS MATERIALIZED (
      SELECT d.source, d.model, sum(d.input + d.cache_read + d.cache_write_5m + d.cache_write_1h + d.output) AS tokens
        FROM tf.usage_day d WHERE d.user_id = p_user AND d.day BETWEEN m || '-01' AND m || '-31' AND NOT d.held GROUP BY 1, 2),
    gone AS (
      DELETE FROM tf.user_model u WHERE u.user_id = p_user AND u.month = m
         AND NOT EXISTS (SELECT FROM fresh f WHERE (f.source, f.model) = (u.source, u.model)))
    INSERT INTO tf.user_model AS u SELECT p_user, m, f.source, f.model, f.tokens FROM fresh f
    ON CONFLICT (user_id, month, source, model) DO UPDATE SET tokens = EXCLUDED.tokens WHERE u.tokens <> EXCLUDED.tokens;
  END LOOP;
END $$;

-- Makes the lines again of the periods that some days belong to and that were open on the day of the change.
CREATE FUNCTION tf.score_days(p_user bigint, p_days text[], p_changed text, p_rolling text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  standing int;
  hide int;
  names text[];
  lo text[];
  hi text[];
  last text[];
BEGIN
  SELECT CASE u.state WHEN 0 THEN u.visibility ELSE -1 END, u.hidden INTO standing, hide FROM tf.users u WHERE u.id = p_user;
  SELECT array_agg(p.o_name), array_agg(p.o_from), array_agg(p.o_to), array_agg(p.o_last) INTO names, lo, hi, last
    FROM (SELECT DISTINCT q.* FROM unnest(p_days) d, LATERAL tf.periods(d, p_rolling) q WHERE q.o_last > tf.shift(p_changed, -3)) p;
  IF names IS NOT NULL THEN
    PERFORM tf.rescore(p_user, standing, hide, names, lo, hi, last);
  END IF;
END $$;

-- Makes an account's sums by family and its lines hold everything that came before. The account is locked. It is done before anything that lines must
-- not show as it came. The rolling boards may have moved on since the change; a day that is still to come is of a clock that has
-- gone back.
CREATE FUNCTION tf.settle(p_user bigint, p_today text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  owed record;
  touched text[];
  changed text;
  rolling text;
BEGIN
  DELETE FROM tf.due d WHERE d.user_id = p_user RETURNING d.at, d.days INTO owed;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM tf.sum_months(p_user, string_to_array(owed.days, ' '));
  changed := tf.day_of(owed.at);
  touched := tf.sum_days(p_user, (SELECT min(x) FROM unnest(string_to_array(owed.days, ' ')) x), (SELECT max(x) FROM unnest(string_to_array(owed.days, ' ')) x));
  IF touched IS NULL THEN
    RETURN;
  END IF;
  SELECT r.day INTO rolling FROM tf.rolling r WHERE r.day > changed AND r.day <= p_today;
  PERFORM tf.score_days(p_user, touched, changed, coalesce(rolling, changed));
END $$;

CREATE OR REPLACE FUNCTION tf.roll_up_user(p_user bigint, p_from text, p_to text, p_today text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  touched text[];
BEGIN
  PERFORM tf.settle(p_user, p_today);
  touched := tf.sum_days(p_user, p_from, p_to);
  IF touched IS NOT NULL THEN
    PERFORM tf.score_days(p_user, touched, p_today, p_today);
  END IF;
  IF p_from = p_to THEN -- otherwise only costs changed
    PERFORM tf.sum_months(p_user, ARRAY[p_from]);
  END IF;
END $$;

-- Gives every line of an account the visibility that it should have. p_before is the account's until now: a period that
-- closed under it shows the account to nobody more than it did then.
CREATE OR REPLACE FUNCTION tf.restand(p_user bigint, p_before int, p_today text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM tf.settle(p_user, p_today);
  UPDATE tf.score s SET closed_as = x.closed_as, hidden = x.hidden,
    visibility = CASE WHEN x.state = 0 THEN tf.line_visibility(least(x.visibility, coalesce(x.closed_as, 2)), x.hidden, s.period, s.source, s.family) ELSE -1 END
    FROM (SELECT o.period, o.source, o.family, u.state, u.visibility, u.hidden,
        coalesce(o.closed_as, CASE WHEN o.last_day <= tf.shift(p_today, -3) AND p_before <> u.visibility THEN p_before END)::smallint AS closed_as
        FROM tf.score o JOIN tf.users u ON u.id = o.user_id WHERE o.user_id = p_user) x
   WHERE s.user_id = p_user AND (s.period, s.source, s.family) = (x.period, x.source, x.family);
END $$;
GRANT EXECUTE ON FUNCTION tf.day_of, tf.sum_months, tf.sum_days, tf.score_days, tf.settle TO tf_door, tf_job;

SET LOCAL ROLE tf_door;
-- The last upload of a device of the transaction's user, with the account locked; whether the account has no other device, and
-- nothing of it waits or is a copy, or was one. What waits for lines is all of one day, since it depends on the day which periods are
-- closed: what is left of another is done now.
DROP FUNCTION tf.admit(bigint);
CREATE FUNCTION tf.admit(p_device bigint, p_at bigint, OUT o_seq bigint, OUT o_body bytea, OUT o_receipt text, OUT o_alone boolean, OUT o_plain boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  SELECT d.last_seq, d.last_body, d.last_receipt INTO o_seq, o_body, o_receipt FROM tf.devices d WHERE d.user_id = me AND d.id = p_device;
  IF NOT FOUND THEN
    PERFORM tf.refuse('TF404');
  END IF;
  IF (SELECT state FROM tf.users WHERE id = me) = 2 THEN
    PERFORM tf.refuse('TF403');
  END IF;
  o_alone := NOT EXISTS (SELECT FROM tf.devices d WHERE d.user_id = me AND d.id <> p_device);
  o_plain := NOT EXISTS (SELECT FROM tf.holds h WHERE h.user_id = me) AND NOT EXISTS (SELECT FROM tf.copies c WHERE c.user_id = me);
  IF EXISTS (SELECT FROM tf.due d WHERE d.user_id = me AND d.at / 86400 <> p_at / 86400) THEN
    PERFORM tf.settle(me, tf.day_of(p_at));
  END IF;
END $$;

-- Names models, and notes days of the transaction's user whose sums and lines wait.
CREATE FUNCTION tf.owe(p_families jsonb, p_days text[], p_at bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM tf.name_models(p_families);
  IF cardinality(p_days) > 0 THEN
    INSERT INTO tf.due AS d VALUES (tf.uid(), p_at, array_to_string(p_days, ' '))
    ON CONFLICT (user_id) DO UPDATE SET days = (
      SELECT string_agg(DISTINCT x.day, ' ') FROM unnest(string_to_array(d.days || ' ' || EXCLUDED.days, ' ')) x(day));
  END IF;
END $$;

-- Makes the lines of the transaction's user hold everything that came before.
CREATE FUNCTION tf.settle_me(p_today text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.uid();
BEGIN
  IF EXISTS (SELECT FROM tf.due d WHERE d.user_id = me) THEN
    PERFORM tf.settle(tf.me(), p_today);
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION tf.admit, tf.owe, tf.settle_me TO tf_app, tf_owner;

SET LOCAL ROLE tf_job;
-- How many accounts wait for their lines, up to a number, and since when.
CREATE FUNCTION tf.behind(p_most int, OUT o_accounts int, OUT o_since bigint) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT count(*) INTO o_accounts FROM (SELECT FROM tf.due LIMIT p_most) d;
  SELECT min(d.at) INTO o_since FROM tf.due d;
END $$;

-- Makes the lines of the accounts that wait longest hold everything, and returns how many it did. An account that somebody is at
-- work on is waited for or left to the next time. A commit that a crash loses leaves the account waiting.
CREATE FUNCTION tf.catch_up(p_most int, p_today text, p_wait boolean) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  waiting bigint[] := ARRAY(SELECT d.user_id FROM tf.due d ORDER BY d.at LIMIT p_most);
  who bigint;
  done int := 0;
BEGIN
  IF cardinality(waiting) = 0 THEN
    RETURN 0;
  END IF;
  PERFORM set_config('synchronous_commit', 'off', true);
  FOREACH who IN ARRAY ARRAY(SELECT unnest(waiting) ORDER BY 1) LOOP -- in one order, or two could wait for each other
    IF p_wait THEN
      PERFORM 1 FROM tf.users u WHERE u.id = who FOR NO KEY UPDATE;
    ELSE
      PERFORM 1 FROM tf.users u WHERE u.id = who FOR NO KEY UPDATE SKIP LOCKED;
    END IF;
    CONTINUE WHEN NOT FOUND;
    PERFORM tf.settle(who, p_today);
    done := done + 1;
  END LOOP;
  RETURN done;
END $$;
GRANT EXECUTE ON FUNCTION tf.behind, tf.catch_up TO tf_app, tf_owner;

-- Moves the rolling boards on to a day: whoever used something on a day that comes in or goes out gets their lines again.
-- It does at most p_most accounts, and returns how many are left, or -1 if another process is at it.
CREATE OR REPLACE FUNCTION tf.roll_on(p_today text, p_after bigint, p_most int, OUT o_last bigint, OUT o_done int) LANGUAGE plpgsql SECURITY DEFINER
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
    PERFORM 1 FROM tf.users WHERE id = who.user_id FOR NO KEY UPDATE;
    PERFORM tf.settle(who.user_id, p_today);
    PERFORM tf.rescore(who.user_id, who.standing, who.hidden, ARRAY['7d', '30d'], ARRAY[tf.shift(p_today, -6), tf.shift(p_today, -29)],
      ARRAY[p_today, p_today], ARRAY['9999-12-31', '9999-12-31']);
    o_last := who.user_id;
    o_done := o_done + 1;
  END LOOP;
  IF o_done < p_most THEN
    INSERT INTO tf.rolling (day) VALUES (p_today) ON CONFLICT (one) DO UPDATE SET day = EXCLUDED.day;
  END IF;
END $$;

SET LOCAL ROLE tf_sum;
-- public_model_shares of whole months.
CREATE FUNCTION tf.public_month_shares(p_users bigint[], p_source text, p_family text, p_from text, p_to text)
RETURNS TABLE (o_user bigint, o_of text, o_tokens bigint) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT d.user_id, d.model, sum(d.tokens)::bigint
    FROM tf.user_model d JOIN tf.users u ON u.id = d.user_id LEFT JOIN tf.models m ON p_family <> '' AND m.model = d.model
   WHERE d.user_id = ANY (p_users) AND d.month BETWEEN left(p_from, 7) AND left(p_to, 7) AND (p_source = '' OR d.source = p_source)
     AND (p_family = '' OR coalesce(m.family, 'other') = p_family) AND u.hidden & 2 = 0 AND (p_source = '' OR u.hidden & 4 = 0)
   GROUP BY d.user_id, d.model ORDER BY 1, 2;
END $$;
GRANT EXECUTE ON FUNCTION tf.public_month_shares TO tf_app, tf_owner;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door, tf_sum, tf_job;
-- +goose StatementEnd
