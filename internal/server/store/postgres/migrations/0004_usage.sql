-- +goose Up
-- +goose StatementBegin
-- Doors of usage, and the sums over people.
GRANT CREATE ON SCHEMA tf TO tf_door, tf_sum;
SET LOCAL ROLE tf_door;

-- The last upload of a device of the transaction's user, with the account locked.
CREATE FUNCTION tf.admit(p_device bigint, OUT o_seq bigint, OUT o_body bytea, OUT o_receipt text)
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
END $$;

-- Writes rows of one device and removes others. Members that it does not name, an owner for one, have no effect.
CREATE FUNCTION tf.put_rows(p_device bigint, p_rows jsonb, p_gone jsonb, p_book text, p_at bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  IF jsonb_typeof(p_rows) IS DISTINCT FROM 'array' OR jsonb_typeof(p_gone) IS DISTINCT FROM 'array' OR jsonb_array_length(p_rows) > 5000 THEN
    RAISE EXCEPTION 'rows' USING ERRCODE = '22023';
  END IF;
  DELETE FROM tf.usage_day u USING jsonb_to_recordset(p_gone) r(day text, source text, model text, band int, tier text)
   WHERE u.user_id = me AND u.device_id = p_device
     AND (u.day, u.source, u.model, u.band, u.tier) = (r.day, r.source, r.model, r.band, r.tier);
  INSERT INTO tf.usage_day (user_id, device_id, day, source, model, band, tier, requests, input, cache_read, cache_write_5m, cache_write_1h,
    output, reasoning, cost_uusd, priced, book, parser, first_seen_at)
  SELECT me, p_device, r.*, p_book, r_parser.n, p_at
    FROM jsonb_array_elements(p_rows) e,
      jsonb_to_record(e) r(day text, source text, model text, band int, tier text, requests bigint, input bigint, cache_read bigint,
        cache_write_5m bigint, cache_write_1h bigint, output bigint, reasoning bigint, cost_uusd bigint, priced boolean),
      LATERAL (SELECT coalesce((e->>'parser')::int, 0) AS n) r_parser
  ON CONFLICT (user_id, day, source, device_id, model, band, tier) DO UPDATE SET requests = EXCLUDED.requests, input = EXCLUDED.input,
    cache_read = EXCLUDED.cache_read, cache_write_5m = EXCLUDED.cache_write_5m, cache_write_1h = EXCLUDED.cache_write_1h,
    output = EXCLUDED.output, reasoning = EXCLUDED.reasoning, cost_uusd = EXCLUDED.cost_uusd, priced = EXCLUDED.priced,
    book = EXCLUDED.book, parser = EXCLUDED.parser;
END $$;

CREATE FUNCTION tf.mark_held(p_from text, p_to text) RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  UPDATE tf.usage_day d SET held = NOT d.held WHERE d.user_id = tf.uid() AND d.day BETWEEN p_from AND p_to
    AND d.held <> EXISTS (SELECT FROM tf.holds h WHERE h.user_id = d.user_id AND h.day = d.day AND h.source = d.source AND h.released_at IS NULL) $$;

-- Makes exactly these cells of the days wait, but for the released ones.
CREATE FUNCTION tf.set_holds(p_from text, p_to text, p_holds jsonb, p_at bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  DELETE FROM tf.holds WHERE user_id = me AND day BETWEEN p_from AND p_to AND released_at IS NULL;
  INSERT INTO tf.holds (user_id, day, source, reason, line, value, held_at)
  SELECT me, h.day, h.source, h.reason, h.line, h.value, p_at
    FROM jsonb_to_recordset(p_holds) h(day text, source text, reason text, line bigint, value bigint)
  ON CONFLICT DO NOTHING;
  PERFORM tf.mark_held(p_from, p_to);
END $$;

-- The periods that a day belongs to.
CREATE FUNCTION tf.periods(p_day text, OUT o_name text, OUT o_from text, OUT o_to text) RETURNS SETOF record
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.name, p.lo, p.hi FROM (SELECT p_day::date AS d) x, LATERAL (VALUES
    (p_day, p_day, p_day),
    (to_char(d, 'IYYY"-W"IW'), date_trunc('week', d)::date::text, (date_trunc('week', d)::date + 6)::text),
    (to_char(d, 'YYYY-MM'), to_char(d, 'YYYY-MM-01'), to_char(d, 'YYYY-MM-31')),
    (to_char(d, 'YYYY'), to_char(d, 'YYYY-01-01'), to_char(d, 'YYYY-12-31')),
    ('all', '0001-01-01', '9999-12-31')) p(name, lo, hi) $$;

-- Recomputes rather than adds: a sum made again from its parts cannot drift.
CREATE FUNCTION tf.roll_up(p_from text, p_to text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
  days text[];
  standing smallint;
BEGIN
  days := ARRAY(SELECT day FROM tf.usage_day WHERE user_id = me AND day BETWEEN p_from AND p_to
          UNION SELECT day FROM tf.user_day WHERE user_id = me AND day BETWEEN p_from AND p_to);
  SELECT CASE state WHEN 0 THEN visibility ELSE -1 END INTO standing FROM tf.users WHERE id = me;
  DELETE FROM tf.user_day WHERE user_id = me AND day BETWEEN p_from AND p_to;
  INSERT INTO tf.user_day SELECT me, day, source, sum(requests), sum(input), sum(cache_read), sum(cache_write_5m), sum(cache_write_1h),
      sum(output), sum(reasoning), sum(cost_uusd),
      coalesce(sum(input + cache_read + cache_write_5m + cache_write_1h + output) FILTER (WHERE NOT priced), 0)
    FROM tf.usage_day WHERE user_id = me AND day BETWEEN p_from AND p_to AND NOT held GROUP BY day, source;
  DELETE FROM tf.score WHERE user_id = me AND period IN (SELECT p.o_name FROM unnest(days) d, LATERAL tf.periods(d) p);
  INSERT INTO tf.score SELECT me, p.o_name, coalesce(u.source, ''), standing, sum(requests), sum(input), sum(cache_read), sum(cache_write_5m),
      sum(cache_write_1h), sum(output), sum(reasoning), sum(input + cache_read + cache_write_5m + cache_write_1h + output),
      sum(cost_uusd), sum(unpriced), count(DISTINCT u.day), min(u.day)
    FROM (SELECT DISTINCT q.o_name, q.o_from, q.o_to FROM unnest(days) d, LATERAL tf.periods(d) q) p
    JOIN tf.user_day u ON u.user_id = me AND u.day BETWEEN p.o_from AND p.o_to
   GROUP BY GROUPING SETS ((p.o_name, u.source), (p.o_name));
END $$;

-- Makes an upload the device's last. An older one is refused whatever came before.
CREATE FUNCTION tf.remember(p_device bigint, p_seq bigint, p_body bytea, p_receipt text, p_at bigint, p_client text, p_os text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE tf.devices SET last_seq = p_seq, last_body = p_body, last_receipt = p_receipt, synced_at = p_at,
    client = coalesce(nullif(p_client, ''), client), os = coalesce(nullif(p_os, ''), os)
   WHERE user_id = tf.uid() AND id = p_device AND last_seq < p_seq;
  IF NOT FOUND THEN
    PERFORM tf.refuse('TF409');
  END IF;
END $$;

CREATE FUNCTION tf.release_hold(p_day text, p_source text, p_at bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  UPDATE tf.holds SET released_at = p_at WHERE user_id = me AND day = p_day AND source = p_source AND released_at IS NULL;
  IF NOT FOUND THEN
    PERFORM tf.refuse('TF404');
  END IF;
  PERFORM tf.mark_held(p_day, p_day);
  PERFORM tf.roll_up(p_day, p_day);
  PERFORM tf.note(p_at, 'release', p_day || ' ' || p_source);
END $$;

CREATE FUNCTION tf.reprice(p_rows jsonb, p_book text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  UPDATE tf.usage_day u SET cost_uusd = r.cost_uusd, priced = r.priced, book = p_book
    FROM jsonb_to_recordset(p_rows) r(device bigint, day text, source text, model text, band int, tier text, cost_uusd bigint, priced boolean)
   WHERE u.user_id = me AND u.device_id = r.device
     AND (u.day, u.source, u.model, u.band, u.tier) = (r.day, r.source, r.model, r.band, r.tier);
  PERFORM tf.roll_up('0001-01-01', '9999-12-31');
END $$;

GRANT EXECUTE ON FUNCTION tf.admit, tf.put_rows, tf.set_holds, tf.roll_up, tf.remember TO tf_app, tf_owner;
GRANT EXECUTE ON FUNCTION tf.release_hold, tf.reprice TO tf_owner;

SET LOCAL ROLE tf_sum;
-- Sums over everybody who may be counted, never a line of anybody.
CREATE FUNCTION tf.crowd(p_period text, p_source text, p_visibility smallint) RETURNS TABLE (o_users bigint, o_requests bigint, o_input bigint,
  o_cache_read bigint, o_cache_write_5m bigint, o_cache_write_1h bigint, o_output bigint, o_reasoning bigint, o_cost bigint, o_unpriced bigint,
  o_days bigint, o_first text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT count(*), coalesce(sum(requests), 0)::bigint, coalesce(sum(input), 0)::bigint, coalesce(sum(cache_read), 0)::bigint,
    coalesce(sum(cache_write_5m), 0)::bigint, coalesce(sum(cache_write_1h), 0)::bigint, coalesce(sum(output), 0)::bigint,
    coalesce(sum(reasoning), 0)::bigint, coalesce(sum(cost_uusd), 0)::bigint, coalesce(sum(unpriced), 0)::bigint,
    coalesce(sum(active_days), 0)::bigint, coalesce(min(first_day), '')
    FROM tf.score WHERE period = p_period AND source = p_source AND visibility = p_visibility AND p_visibility IN (1, 2) $$;
CREATE FUNCTION tf.model_users(p_model text, p_limit int) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT count(*) FROM (SELECT DISTINCT user_id FROM tf.usage_day WHERE model = p_model AND NOT held LIMIT least(p_limit, 5)) u $$;
CREATE FUNCTION tf.priced_by_others(p_book text) RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT DISTINCT user_id FROM tf.usage_day WHERE book <> p_book $$;
GRANT EXECUTE ON FUNCTION tf.crowd, tf.model_users TO tf_app, tf_owner;
GRANT EXECUTE ON FUNCTION tf.priced_by_others TO tf_owner;

SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door, tf_sum;
-- What the schema is, for the server, which cannot read the migrations' books. Replaced when the last migration is done.
CREATE FUNCTION tf.version() RETURNS bigint LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS 'SELECT 0::bigint';
GRANT EXECUTE ON FUNCTION tf.version() TO tf_app;
-- +goose StatementEnd
