-- +goose Up
-- +goose StatementBegin
SET LOCAL ROLE tf_owner;
-- What the rows of each device add up to, twelve numbers each in the order of devices: the device, requests, input, cache reads, the two
-- cache writes, output, reasoning, cost, unpriced tokens, active days, and the first day as YYYYMMDD. NULL until somebody needs it, and
-- for an account with one device.
ALTER TABLE tf.account_sums ADD COLUMN by_device bigint[];
GRANT CREATE ON SCHEMA tf TO tf_door;

SET LOCAL ROLE tf_door;
-- What the rows of each device of an account add up to, as account_sums has it. It runs with the rights of the door that calls it.
CREATE FUNCTION tf.sum_devices(p_user bigint) RETURNS bigint[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN (SELECT coalesce(array_agg(x.v ORDER BY d.device_id, x.n), '{}') FROM (
      SELECT r.device_id, sum(r.requests) AS requests, sum(r.input) AS input, sum(r.cache_read) AS cache_read, sum(r.cache_write_5m) AS cache_write_5m,
        sum(r.cache_write_1h) AS cache_write_1h, sum(r.output) AS output, sum(r.reasoning) AS reasoning, sum(r.cost_uusd) AS cost_uusd,
        coalesce(sum(r.input + r.cache_read + r.cache_write_5m + r.cache_write_1h + r.output) FILTER (WHERE NOT r.priced), 0) AS unpriced,
        count(DISTINCT r.day) AS active_days, replace(min(r.day), '-', '')::bigint AS first_day
        FROM tf.usage_day r WHERE r.user_id = p_user GROUP BY r.device_id) d,
      unnest(ARRAY[d.device_id, d.requests, d.input, d.cache_read, d.cache_write_5m, d.cache_write_1h, d.output, d.reasoning, d.cost_uusd, d.unpriced,
        d.active_days, d.first_day]::bigint[]) WITH ORDINALITY x(v, n));
END $$;

DROP FUNCTION tf.open_upload(bytea, bigint, bigint, bytea[], bigint[], bigint[], bigint[], bigint, int, text, text);
-- Enters as whoever holds the token, counts p_n against each quota as tf.take does, locks the account, and says what an upload of the
-- device meets: its last one, whether the account has no other device, and whether nothing of it waits or is a copy, or was one. o_over is
-- the quota that has no room: the caller then gives the transaction up. What waits for lines of another day is done now, and o_days are
-- the days that wait otherwise. If nothing of the account waits, and p_near is a day, it also says what the account's rows add up to, kept
-- or worked out, with p_past as the days after its own that a day is told of late, and what was used on each day from p_near to before
-- p_from. Of an account with several devices it says what the rows of each add up to, and the sketches that the others have of days from
-- p_from to p_last.
CREATE FUNCTION tf.open_upload(p_key bytea, p_device bigint, p_at bigint, p_k bytea[], p_every bigint[], p_burst bigint[], p_n bigint[], p_nanos bigint,
  p_past int, p_near text, p_from text, p_last text, OUT o_user bigint, OUT o_over int, OUT o_until bigint, OUT o_seq bigint, OUT o_body bytea, OUT o_receipt text,
  OUT o_alone boolean, OUT o_plain boolean, OUT o_days text, OUT o_sums bigint[], OUT o_first_day text, OUT o_near_days text[], OUT o_near_tokens bigint[],
  OUT o_by_device bigint[], OUT o_part_device bigint[], OUT o_part_day text[], OUT o_part_source text[], OUT o_part_sketch bytea[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  suspended boolean;
  owed bigint;
  most bigint;
  s tf.account_sums;
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
  IF NOT o_plain OR p_near IS NULL THEN
    RETURN;
  END IF;
  SELECT k.* INTO s FROM tf.account_sums k WHERE k.user_id = o_user;
  IF NOT FOUND THEN
    s := tf.sum_account(o_user, p_past);
  END IF;
  o_sums := ARRAY[s.rows, s.late_days, s.late_tokens, s.requests, s.input, s.cache_read, s.cache_write_5m, s.cache_write_1h, s.output, s.reasoning,
    s.cost_uusd, s.unpriced, s.active_days];
  o_first_day := s.first_day;
  SELECT coalesce(array_agg(b.day), '{}'), coalesce(array_agg(b.tokens), '{}') INTO o_near_days, o_near_tokens FROM (
    SELECT d.day, sum(d.input + d.cache_read + d.cache_write_5m + d.cache_write_1h + d.output)::bigint AS tokens
      FROM tf.usage_day d WHERE d.user_id = o_user AND d.day >= p_near AND d.day < p_from GROUP BY d.day ORDER BY d.day) b;
  IF NOT o_alone THEN
    o_by_device := coalesce(s.by_device, tf.sum_devices(o_user));
    SELECT array_agg(p.device_id), array_agg(p.day), array_agg(p.source), array_agg(p.sketch) INTO o_part_device, o_part_day, o_part_source, o_part_sketch
      FROM tf.prints p WHERE p.user_id = o_user AND p.day BETWEEN p_from AND p_last AND p.device_id <> p_device AND p.sketch IS NOT NULL;
  END IF;
END $$;

DROP FUNCTION tf.put_upload(bigint, text[], text[], text[], text[], bigint[], int, text[], text, bigint[], text, text[], text[], bytea[], bytea[], text[], text[],
  text[], bigint, bigint, bytea, text, bigint, text, text);
-- Takes an upload in that the judge passed, while nothing of the account waits: rows, prints, the days whose lines wait, and its number. It
-- does nothing, and says so, if somebody else has one of the prints, or another device of the account has it in the same cell: what is
-- shared must be judged. p_by_device is NULL for an account's only device. open_upload has locked the account. The first p_known rows are there already, on p_known_days. p_counts has twelve numbers of each row: band,
-- requests, input, cache reads, the two cache writes, output, reasoning, cost, whether it is priced, parser, and when it was first seen.
CREATE FUNCTION tf.put_upload(p_device bigint, p_day text[], p_source text[], p_model text[], p_tier text[], p_counts bigint[], p_known int, p_known_days text[],
  p_book text, p_sums bigint[], p_first_day text, p_by_device bigint[], p_cell_day text[], p_cell_source text[], p_print bytea[], p_sketch bytea[], p_named text[], p_family text[],
  p_changed text[], p_rest bigint, p_seq bigint, p_body bytea, p_receipt text, p_at bigint, p_client text, p_os text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  me bigint := tf.uid();
  written bigint;
BEGIN
  IF me IS NULL THEN
    PERFORM tf.refuse('TF404');
  END IF;
  IF cardinality(p_day) > 5000 THEN
    RAISE EXCEPTION 'rows' USING ERRCODE = '22023';
  END IF;
  IF cardinality(p_print) > 0 AND tf.print_elsewhere(me, p_cell_day, p_print) THEN
    RETURN false;
  END IF;
  IF p_by_device IS NOT NULL AND EXISTS (SELECT FROM unnest(p_cell_day, p_cell_source, p_print) r(day, source, print)
      JOIN tf.prints p ON p.user_id = me AND p.day = r.day AND p.source = r.source AND p.print = r.print AND p.device_id <> p_device) THEN
    RETURN false;
  END IF;
  IF p_known > 0 THEN
    -- The account's rows of those days are read at once, and not each by its key.
    UPDATE tf.usage_day d SET requests = p_counts[12 * r.n - 10], input = p_counts[12 * r.n - 9], cache_read = p_counts[12 * r.n - 8],
        cache_write_5m = p_counts[12 * r.n - 7], cache_write_1h = p_counts[12 * r.n - 6], output = p_counts[12 * r.n - 5], reasoning = p_counts[12 * r.n - 4],
        cost_uusd = p_counts[12 * r.n - 3], priced = p_counts[12 * r.n - 2] = 1, parser = p_counts[12 * r.n - 1], book = p_book
      FROM unnest(p_day, p_source, p_model, p_tier) WITH ORDINALITY r(day, source, model, tier, n)
     WHERE d.user_id = me AND d.day = ANY (p_known_days) AND d.device_id IS NOT DISTINCT FROM p_device
       AND d.day = r.day AND d.source = r.source AND d.model = r.model AND d.tier = r.tier AND d.band = p_counts[12 * r.n - 11] AND r.n <= p_known;
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written <> p_known THEN
      RAISE EXCEPTION 'rows have changed meanwhile' USING ERRCODE = '40001';
    END IF;
  END IF;
  IF cardinality(p_day) > p_known THEN
    INSERT INTO tf.usage_day (user_id, device_id, day, source, model, tier, band, requests, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,
      cost_uusd, priced, parser, first_seen_at, book)
    SELECT me, p_device, r.day, r.source, r.model, r.tier, p_counts[12 * r.n - 11], p_counts[12 * r.n - 10], p_counts[12 * r.n - 9], p_counts[12 * r.n - 8],
      p_counts[12 * r.n - 7], p_counts[12 * r.n - 6], p_counts[12 * r.n - 5], p_counts[12 * r.n - 4], p_counts[12 * r.n - 3], p_counts[12 * r.n - 2] = 1,
      p_counts[12 * r.n - 1], p_counts[12 * r.n], p_book
      FROM unnest(p_day, p_source, p_model, p_tier) WITH ORDINALITY r(day, source, model, tier, n) WHERE r.n > p_known;
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
    p_sums[11], p_sums[12], p_sums[13], p_first_day, p_by_device)
  ON CONFLICT (user_id) DO UPDATE SET rows = EXCLUDED.rows, late_days = EXCLUDED.late_days, late_tokens = EXCLUDED.late_tokens, requests = EXCLUDED.requests,
    input = EXCLUDED.input, cache_read = EXCLUDED.cache_read, cache_write_5m = EXCLUDED.cache_write_5m, cache_write_1h = EXCLUDED.cache_write_1h,
    output = EXCLUDED.output, reasoning = EXCLUDED.reasoning, cost_uusd = EXCLUDED.cost_uusd, unpriced = EXCLUDED.unpriced,
    active_days = EXCLUDED.active_days, first_day = EXCLUDED.first_day, by_device = EXCLUDED.by_device
   WHERE s IS DISTINCT FROM EXCLUDED;
  UPDATE tf.devices SET last_seq = p_seq, last_body = p_body, last_receipt = p_receipt, synced_at = p_at,
    client = coalesce(nullif(p_client, ''), client), os = coalesce(nullif(p_os, ''), os)
   WHERE user_id = me AND id = p_device AND last_seq < p_seq;
  IF NOT FOUND THEN
    PERFORM tf.refuse('TF409');
  END IF;
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION tf.open_upload, tf.put_upload TO tf_app, tf_owner;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door;
-- +goose StatementEnd
