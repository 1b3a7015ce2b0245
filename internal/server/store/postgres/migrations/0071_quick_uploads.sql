-- +goose Up
-- +goose StatementBegin
SET LOCAL ROLE tf_owner;
-- What an account's rows add up to while nothing of it waits or is a copy. It is there to save an upload reading every day: without it
-- everything is added up again.
CREATE TABLE tf.account_sums (
  user_id        bigint PRIMARY KEY REFERENCES tf.users ON DELETE CASCADE,
  rows           bigint NOT NULL,
  late_days      bigint NOT NULL, -- that were told of when they were over
  late_tokens    bigint NOT NULL,
  requests       bigint NOT NULL,
  input          bigint NOT NULL,
  cache_read     bigint NOT NULL,
  cache_write_5m bigint NOT NULL,
  cache_write_1h bigint NOT NULL,
  output         bigint NOT NULL,
  reasoning      bigint NOT NULL,
  cost_uusd      bigint NOT NULL,
  unpriced       bigint NOT NULL,
  active_days    bigint NOT NULL,
  first_day      text COLLATE "C" NOT NULL
);
ALTER TABLE tf.account_sums ENABLE ROW LEVEL SECURITY;
ALTER TABLE tf.account_sums FORCE ROW LEVEL SECURITY;
CREATE POLICY door_own ON tf.account_sums FOR ALL TO tf_door USING (user_id = (SELECT tf.uid())) WITH CHECK (user_id = (SELECT tf.uid()));
CREATE POLICY house ON tf.account_sums FOR ALL TO tf_job USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON tf.account_sums TO tf_door, tf_job;
GRANT CREATE ON SCHEMA tf TO tf_door, tf_sum;

-- For whatever changes rows of an account by more than an upload does.
CREATE OR REPLACE FUNCTION tf.roll_up_user(p_user bigint, p_from text, p_to text, p_today text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  touched text[];
BEGIN
  DELETE FROM tf.account_sums s WHERE s.user_id = p_user;
  PERFORM tf.settle(p_user, p_today);
  touched := tf.sum_days(p_user, p_from, p_to);
  IF touched IS NOT NULL THEN
    PERFORM tf.score_days(p_user, touched, p_today, p_today);
  END IF;
  IF p_from = p_to THEN -- otherwise only costs changed
    PERFORM tf.sum_months(p_user, ARRAY[p_from]);
  END IF;
END $$;

SET LOCAL ROLE tf_door;
-- As before, planned once: a function in plain SQL is planned with every call, and every statement asks for each of its tables whose
-- rows it may see. Nothing but the number of the user that was sealed has the seal.
CREATE OR REPLACE FUNCTION tf.uid() RETURNS bigint LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v text := current_setting('tf.identity', true);
  k bytea;
BEGIN
  IF v IS NULL OR length(v) NOT BETWEEN 66 AND 83 THEN
    RETURN NULL;
  END IF;
  SELECT m.value INTO k FROM tf.mac_key m;
  IF right(v, 65) = '.' || encode(sha256(k || sha256(k || convert_to(
      left(v, -65) || '|' || pg_backend_pid() || '|' || extract(epoch FROM transaction_timestamp()), 'UTF8'))), 'hex') THEN
    RETURN left(v, -65)::bigint;
  END IF;
  RETURN NULL;
END $$;

-- Enters as whoever holds the token, counts p_n against each quota as tf.take does, locks the account, and says what an upload of the
-- device meets: its last one, whether the account has no other device, and whether nothing of it waits or is a copy, or was one. o_over is
-- the quota that has no room: the caller then gives the transaction up. What waits for lines of another day is done now, and o_days are
-- the days that wait otherwise.
CREATE FUNCTION tf.open_upload(p_key bytea, p_device bigint, p_at bigint, p_k bytea[], p_every bigint[], p_burst bigint[], p_n bigint[], p_nanos bigint,
  OUT o_user bigint, OUT o_over int, OUT o_until bigint, OUT o_seq bigint, OUT o_body bytea, OUT o_receipt text, OUT o_alone boolean, OUT o_plain boolean,
  OUT o_days text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  suspended boolean;
  owed bigint;
  most bigint;
BEGIN
  o_user := tf.enter(p_key, p_at);
  FOR i IN 1 .. coalesce(cardinality(p_k), 0) LOOP
    most := p_nanos + p_burst[i] * p_every[i];
    o_until := NULL;
    IF p_n[i] BETWEEN 1 AND p_burst[i] THEN
      INSERT INTO tf.quotas AS q VALUES (p_k[i], p_nanos + p_n[i] * p_every[i])
      ON CONFLICT (k) DO UPDATE SET until = least(greatest(q.until, p_nanos) + p_n[i] * p_every[i], most)
       WHERE q.until > most OR greatest(q.until, p_nanos) + p_n[i] * p_every[i] <= most
      RETURNING q.until INTO o_until;
    END IF;
    IF o_until IS NULL THEN
      o_over := i;
      SELECT q.until INTO o_until FROM tf.quotas q WHERE q.k = p_k[i];
      RETURN;
    END IF;
  END LOOP;
  PERFORM 1 FROM tf.users u WHERE u.id = o_user FOR NO KEY UPDATE; -- first: what is read before the lock is there may be old
  SELECT d.last_seq, d.last_body, d.last_receipt, u.state = 2, w.at, coalesce(w.days, ''),
      NOT EXISTS (SELECT FROM tf.devices e WHERE e.user_id = u.id AND e.id <> d.id),
      NOT EXISTS (SELECT FROM tf.holds h WHERE h.user_id = u.id) AND NOT EXISTS (SELECT FROM tf.copies c WHERE c.user_id = u.id)
    INTO o_seq, o_body, o_receipt, suspended, owed, o_days, o_alone, o_plain
    FROM tf.users u JOIN tf.devices d ON d.user_id = u.id LEFT JOIN tf.due w ON w.user_id = u.id WHERE u.id = o_user AND d.id = p_device;
  IF NOT FOUND THEN
    PERFORM tf.refuse('TF404');
  END IF;
  IF suspended THEN
    PERFORM tf.refuse('TF403');
  END IF;
  IF owed / 86400 <> p_at / 86400 THEN
    PERFORM tf.settle(o_user, tf.day_of(p_at));
    o_days := '';
  END IF;
END $$;

-- The account's rows of some days.
CREATE FUNCTION tf.upload_rows(p_user bigint, p_from text, p_to text) RETURNS TABLE (day text, source text, model text, band int, tier text, requests bigint, input bigint,
  cache_read bigint, cache_write_5m bigint, cache_write_1h bigint, output bigint, reasoning bigint, cost_uusd bigint, priced boolean, device_id bigint,
  parser int, first_seen_at bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN QUERY SELECT d.day, d.source, d.model, d.band, d.tier, d.requests, d.input, d.cache_read, d.cache_write_5m, d.cache_write_1h, d.output, d.reasoning,
    d.cost_uusd, d.priced, d.device_id, d.parser, d.first_seen_at FROM tf.usage_day d WHERE d.user_id = p_user AND d.day BETWEEN p_from AND p_to;
END $$;

-- What the account's rows add up to, kept or worked out. p_past is how many days after its day a row is told of late.
CREATE FUNCTION tf.upload_sums(p_user bigint, p_past int) RETURNS tf.account_sums
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  sums tf.account_sums;
BEGIN
  SELECT s.* INTO sums FROM tf.account_sums s WHERE s.user_id = p_user;
  IF NOT FOUND THEN
    SELECT p_user, count(*), count(DISTINCT d.day) FILTER (WHERE d.late), coalesce(sum(d.tokens) FILTER (WHERE d.late), 0), coalesce(sum(d.requests), 0),
        coalesce(sum(d.input), 0), coalesce(sum(d.cache_read), 0), coalesce(sum(d.cache_write_5m), 0), coalesce(sum(d.cache_write_1h), 0),
        coalesce(sum(d.output), 0), coalesce(sum(d.reasoning), 0), coalesce(sum(d.cost_uusd), 0), coalesce(sum(d.tokens) FILTER (WHERE NOT d.priced), 0),
        count(DISTINCT d.day), coalesce(min(d.day), '') INTO sums
      FROM (SELECT r.*, r.input + r.cache_read + r.cache_write_5m + r.cache_write_1h + r.output AS tokens,
          r.first_seen_at >= 86400::bigint * (r.day::date - date '1970-01-01' + p_past) AS late FROM tf.usage_day r WHERE r.user_id = p_user) d;
  END IF;
  RETURN sums;
END $$;

-- What the account used on each of the days before an upload that rolling lines reach back to.
CREATE FUNCTION tf.upload_before(p_user bigint, p_near text, p_from text) RETURNS TABLE (o_day text, o_tokens bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN QUERY SELECT d.day, sum(d.input + d.cache_read + d.cache_write_5m + d.cache_write_1h + d.output)::bigint
    FROM tf.usage_day d WHERE d.user_id = p_user AND d.day >= p_near AND d.day < p_from GROUP BY d.day ORDER BY d.day;
END $$;

-- Writes rows of one device and removes others, as before.
CREATE OR REPLACE FUNCTION tf.put_rows(p_device bigint, p_rows jsonb, p_gone jsonb, p_book text, p_at bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
  firsts jsonb;
BEGIN
  IF jsonb_typeof(p_rows) IS DISTINCT FROM 'array' OR jsonb_typeof(p_gone) IS DISTINCT FROM 'array' OR jsonb_array_length(p_rows) > 5000 THEN
    RAISE EXCEPTION 'rows' USING ERRCODE = '22023';
  END IF;
  DELETE FROM tf.account_sums s WHERE s.user_id = me;
  SELECT coalesce(jsonb_object_agg(f.day || ' ' || f.source, f.at), '{}') INTO firsts FROM (
    SELECT u.day, u.source, min(u.first_seen_at) AS at FROM tf.usage_day u
     WHERE u.user_id = me AND u.device_id = p_device
       AND (u.day, u.source) IN (SELECT r.day, r.source FROM jsonb_to_recordset(p_rows) r(day text, source text))
     GROUP BY u.day, u.source) f;
  DELETE FROM tf.usage_day u USING jsonb_to_recordset(p_gone) r(day text, source text, model text, band int, tier text)
   WHERE u.user_id = me AND u.device_id = p_device
     AND (u.day, u.source, u.model, u.band, u.tier) = (r.day, r.source, r.model, r.band, r.tier);
  INSERT INTO tf.usage_day (user_id, device_id, day, source, model, band, tier, requests, input, cache_read, cache_write_5m, cache_write_1h,
    output, reasoning, cost_uusd, priced, book, parser, first_seen_at)
  SELECT me, p_device, r.*, p_book, r_parser.n, coalesce((firsts->>(r.day || ' ' || r.source))::bigint, p_at)
    FROM jsonb_array_elements(p_rows) e,
      jsonb_to_record(e) r(day text, source text, model text, band int, tier text, requests bigint, input bigint, cache_read bigint,
        cache_write_5m bigint, cache_write_1h bigint, output bigint, reasoning bigint, cost_uusd bigint, priced boolean),
      LATERAL (SELECT coalesce((e->>'parser')::int, 0) AS n) r_parser
  ON CONFLICT (user_id, day, source, device_id, model, band, tier) DO UPDATE SET requests = EXCLUDED.requests, input = EXCLUDED.input,
    cache_read = EXCLUDED.cache_read, cache_write_5m = EXCLUDED.cache_write_5m, cache_write_1h = EXCLUDED.cache_write_1h,
    output = EXCLUDED.output, reasoning = EXCLUDED.reasoning, cost_uusd = EXCLUDED.cost_uusd, priced = EXCLUDED.priced,
    book = EXCLUDED.book, parser = EXCLUDED.parser;
END $$;

-- Takes an upload in that the judge passed, of an account's only device while nothing of the account waits: rows, prints, the days whose lines
-- wait, and its number. It does nothing, and says so, if somebody else has one of the prints: what is shared must be judged.
CREATE FUNCTION tf.put_upload(p_device bigint, p_day text[], p_source text[], p_model text[], p_band int[], p_tier text[], p_requests bigint[], p_input bigint[],
  p_cache_read bigint[], p_cache_write_5m bigint[], p_cache_write_1h bigint[], p_output bigint[], p_reasoning bigint[], p_cost bigint[], p_priced boolean[],
  p_parser int[], p_first bigint[], p_book text, p_sums bigint[], p_first_day text, p_cell_day text[], p_cell_source text[], p_print bytea[], p_sketch bytea[], p_named text[], p_family text[],
  p_changed text[], p_rest bigint, p_seq bigint, p_body bytea, p_receipt text, p_at bigint, p_client text, p_os text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  IF cardinality(p_day) > 5000 THEN
    RAISE EXCEPTION 'rows' USING ERRCODE = '22023';
  END IF;
  IF cardinality(p_print) > 0 AND tf.print_elsewhere(p_print) THEN
    RETURN false;
  END IF;
  IF cardinality(p_day) > 0 THEN
    INSERT INTO tf.usage_day (user_id, device_id, day, source, model, band, tier, requests, input, cache_read, cache_write_5m, cache_write_1h,
      output, reasoning, cost_uusd, priced, parser, first_seen_at, book)
    SELECT me, p_device, r.*, p_book FROM unnest(p_day, p_source, p_model, p_band, p_tier, p_requests, p_input, p_cache_read, p_cache_write_5m, p_cache_write_1h,
      p_output, p_reasoning, p_cost, p_priced, p_parser, p_first) r
    ON CONFLICT (user_id, day, source, device_id, model, band, tier) DO UPDATE SET requests = EXCLUDED.requests, input = EXCLUDED.input,
      cache_read = EXCLUDED.cache_read, cache_write_5m = EXCLUDED.cache_write_5m, cache_write_1h = EXCLUDED.cache_write_1h,
      output = EXCLUDED.output, reasoning = EXCLUDED.reasoning, cost_uusd = EXCLUDED.cost_uusd, priced = EXCLUDED.priced,
      book = EXCLUDED.book, parser = EXCLUDED.parser;
  END IF;
  IF cardinality(p_print) > 0 THEN
    INSERT INTO tf.prints AS p (user_id, device_id, day, source, print, first_seen_at, sketch)
    SELECT me, p_device, r.day, r.source, r.print, p_at, r.sketch FROM unnest(p_cell_day, p_cell_source, p_print, p_sketch) r(day, source, print, sketch)
    ON CONFLICT (user_id, day, source, device_id) DO UPDATE SET print = EXCLUDED.print, sketch = EXCLUDED.sketch,
      first_seen_at = CASE WHEN p.print = EXCLUDED.print THEN p.first_seen_at ELSE EXCLUDED.first_seen_at END
     WHERE p.print <> EXCLUDED.print OR p.sketch IS DISTINCT FROM EXCLUDED.sketch;
  END IF;
  IF EXISTS (SELECT FROM unnest(p_named, p_family) n(model, family) WHERE NOT EXISTS (SELECT FROM tf.models k WHERE k.model = n.model AND k.family = n.family)) THEN
    PERFORM tf.name_models((SELECT jsonb_object_agg(n.model, n.family) FROM unnest(p_named, p_family) n(model, family)));
  END IF;
  IF cardinality(p_changed) > 0 THEN
    INSERT INTO tf.due AS d VALUES (me, p_at, array_to_string(p_changed, ' '), p_at + coalesce((
      SELECT p_rest FROM tf.devices v WHERE v.user_id = me AND v.id = p_device AND v.synced_at BETWEEN p_at - p_rest + 1 AND p_at), 0))
    ON CONFLICT (user_id) DO UPDATE SET days = (
        SELECT string_agg(DISTINCT x.day, ' ') FROM unnest(string_to_array(d.days || ' ' || EXCLUDED.days, ' ')) x(day))
     WHERE NOT string_to_array(EXCLUDED.days, ' ') <@ string_to_array(d.days, ' ');
  END IF;
  INSERT INTO tf.account_sums AS s VALUES (me, p_sums[1], p_sums[2], p_sums[3], p_sums[4], p_sums[5], p_sums[6], p_sums[7], p_sums[8], p_sums[9], p_sums[10],
    p_sums[11], p_sums[12], p_sums[13], p_first_day)
  ON CONFLICT (user_id) DO UPDATE SET rows = EXCLUDED.rows, late_days = EXCLUDED.late_days, late_tokens = EXCLUDED.late_tokens, requests = EXCLUDED.requests,
    input = EXCLUDED.input, cache_read = EXCLUDED.cache_read, cache_write_5m = EXCLUDED.cache_write_5m, cache_write_1h = EXCLUDED.cache_write_1h,
    output = EXCLUDED.output, reasoning = EXCLUDED.reasoning, cost_uusd = EXCLUDED.cost_uusd, unpriced = EXCLUDED.unpriced,
    active_days = EXCLUDED.active_days, first_day = EXCLUDED.first_day
   WHERE s IS DISTINCT FROM EXCLUDED;
  UPDATE tf.devices SET last_seq = p_seq, last_body = p_body, last_receipt = p_receipt, synced_at = p_at,
    client = coalesce(nullif(p_client, ''), client), os = coalesce(nullif(p_os, ''), os)
   WHERE user_id = me AND id = p_device AND last_seq < p_seq;
  IF NOT FOUND THEN
    PERFORM tf.refuse('TF409');
  END IF;
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION tf.open_upload, tf.upload_rows, tf.upload_sums, tf.upload_before, tf.put_upload TO tf_app, tf_owner;

SET LOCAL ROLE tf_sum;
-- Whether somebody else than the asking account has one of these prints.
CREATE FUNCTION tf.print_elsewhere(p_print bytea[]) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.uid();
BEGIN
  RETURN EXISTS (SELECT FROM tf.prints p WHERE p.print = ANY (p_print) AND p.user_id <> me);
END $$;
GRANT EXECUTE ON FUNCTION tf.print_elsewhere TO tf_door;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door, tf_sum;
-- +goose StatementEnd
