-- +goose Up
-- +goose StatementBegin
GRANT CREATE ON SCHEMA tf TO tf_door;
SET LOCAL ROLE tf_door;
DROP FUNCTION tf.next_upload(bytea, text, smallint, bigint, boolean, bytea[], bigint[], bigint[], bigint[], bigint, bigint, text[], text[], text[], text[],
  bigint[], int, text[], text, bigint[], text, text[], text[], bytea[], bytea[], text[], text[], text[], bigint, bigint, bytea, text, bigint, text, text);
-- Takes in the next upload of an account's only device whose server knows the account as the upload p_last left it: enters as whoever holds
-- the token, counts p_n against each quota as tf.take does, and writes what put_upload writes. It does nothing, o_done is false, where the
-- server may know the account otherwise than it is, somebody else has one of the prints, a quota has no room, or somebody is at work on
-- the account: whoever else shares the transaction must not wait for that. The upload then goes through open_upload. What the server knows
-- is so while the device's last upload is p_last and account_sums has the account: uploads move the first, and whatever else changes rows
-- drops the second, as does what makes days wait or finds copies. An upload of another device brings by_device. p_named are models of rows
-- that are new.
CREATE FUNCTION tf.next_upload(p_key bytea, p_handle text, p_visibility smallint, p_last bigint, p_k bytea[], p_every bigint[], p_burst bigint[],
  p_n bigint[], p_nanos bigint, p_device bigint, p_day text[], p_source text[], p_model text[], p_tier text[], p_counts bigint[], p_known int, p_known_days text[],
  p_book text, p_sums bigint[], p_first_day text, p_cell_day text[], p_cell_source text[], p_print bytea[], p_sketch bytea[], p_named text[], p_family text[],
  p_changed text[], p_rest bigint, p_seq bigint, p_body bytea, p_receipt text, p_at bigint, p_client text, p_os text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  me bigint := tf.enter(p_key, p_at);
  same boolean;
  due_at bigint;
  due_days text;
  synced bigint;
  written bigint;
BEGIN
  IF cardinality(p_day) > 5000 THEN
    RAISE EXCEPTION 'rows' USING ERRCODE = '22023';
  END IF;
  -- First, as in open_upload: what is read before the lock is there may be old.
  SELECT u.handle = p_handle AND u.visibility = p_visibility AND u.state <> 2 INTO same FROM tf.users u WHERE u.id = me FOR NO KEY UPDATE SKIP LOCKED;
  IF same IS NOT TRUE THEN
    RETURN false;
  END IF;
  SELECT d.synced_at, w.at, w.days INTO synced, due_at, due_days FROM tf.devices d LEFT JOIN tf.due w ON w.user_id = d.user_id
   WHERE d.user_id = me AND d.id = p_device AND d.last_seq = p_last;
  IF NOT FOUND OR due_at / 86400 <> p_at / 86400 THEN
    RETURN false;
  END IF;
  IF cardinality(p_named) > 0 THEN
    IF EXISTS (SELECT FROM unnest(p_named, p_family) n(model, family) WHERE NOT EXISTS (SELECT FROM tf.models k WHERE k.model = n.model AND k.family = n.family)) THEN
      RETURN false;
    END IF;
  END IF;
  IF cardinality(p_print) > 0 AND tf.print_elsewhere(me, p_cell_day, p_print) THEN
    RETURN false;
  END IF;
  IF cardinality(p_day) > 0 THEN
    UPDATE tf.account_sums SET rows = p_sums[1], late_days = p_sums[2], late_tokens = p_sums[3], requests = p_sums[4], input = p_sums[5], cache_read = p_sums[6],
      cache_write_5m = p_sums[7], cache_write_1h = p_sums[8], output = p_sums[9], reasoning = p_sums[10], cost_uusd = p_sums[11], unpriced = p_sums[12],
      active_days = p_sums[13], first_day = p_first_day WHERE user_id = me AND by_device IS NULL;
  ELSE
    PERFORM 1 FROM tf.account_sums s WHERE s.user_id = me AND s.by_device IS NULL;
  END IF;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF cardinality(p_k) > 0 THEN
    UPDATE tf.quotas q SET until = least(greatest(q.until, p_nanos) + c.n * c.every, p_nanos + c.burst * c.every)
      FROM unnest(p_k, p_every, p_burst, p_n) c(k, every, burst, n)
     WHERE q.k = c.k AND c.n BETWEEN 1 AND c.burst AND (q.until > p_nanos + c.burst * c.every OR greatest(q.until, p_nanos) + c.n * c.every <= p_nanos + c.burst * c.every);
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written <> cardinality(p_k) THEN -- a quota has no room, or is new: open_upload says which
      RAISE EXCEPTION 'not all are counted' USING ERRCODE = '40001';
    END IF;
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
    UPDATE tf.prints p SET print = r.print, sketch = r.sketch, first_seen_at = CASE WHEN p.print = r.print THEN p.first_seen_at ELSE p_at END
      FROM unnest(p_cell_day, p_cell_source, p_print, p_sketch) r(day, source, print, sketch)
     WHERE p.user_id = me AND p.day = r.day AND p.source = r.source AND p.device_id IS NOT DISTINCT FROM p_device AND (p.print <> r.print OR p.sketch IS DISTINCT FROM r.sketch);
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written <> cardinality(p_print) THEN
      INSERT INTO tf.prints (user_id, device_id, day, source, print, first_seen_at, sketch)
      SELECT me, p_device, r.day, r.source, r.print, p_at, r.sketch FROM unnest(p_cell_day, p_cell_source, p_print, p_sketch) r(day, source, print, sketch)
      ON CONFLICT DO NOTHING;
    END IF;
  END IF;
  IF cardinality(p_changed) > 0 AND (due_days IS NULL OR NOT p_changed <@ string_to_array(due_days, ' ')) THEN
    INSERT INTO tf.due AS d VALUES (me, p_at, array_to_string(p_changed, ' '), p_at + CASE WHEN synced BETWEEN p_at - p_rest + 1 AND p_at THEN p_rest ELSE 0 END)
    ON CONFLICT (user_id) DO UPDATE SET days = (
        SELECT string_agg(DISTINCT x.day, ' ') FROM unnest(string_to_array(d.days || ' ' || EXCLUDED.days, ' ')) x(day));
  END IF;
  UPDATE tf.devices SET last_seq = p_seq, last_body = p_body, last_receipt = p_receipt, synced_at = p_at,
    client = coalesce(nullif(p_client, ''), client), os = coalesce(nullif(p_os, ''), os)
   WHERE user_id = me AND id = p_device AND last_seq < p_seq;
  IF NOT FOUND THEN
    PERFORM tf.refuse('TF409');
  END IF;
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION tf.next_upload TO tf_app, tf_owner;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door;
-- +goose StatementEnd
