-- +goose Up
-- +goose StatementBegin
GRANT CREATE ON SCHEMA tf TO tf_door;
SET LOCAL ROLE tf_door;
-- Takes in the next upload of an account's only device whose server knows the account as the upload p_last left it: enters as whoever holds
-- the token, counts p_n against each quota as tf.take does, writes prints and what waits, and puts the rest into the inbox: the rows that
-- changed since it was empty, as far as the server knows when that was. It answers 0 and does nothing where the server may know the account
-- otherwise than it is, somebody else has one of the prints, a quota has no room (which open_upload says of), or somebody is at work on the account: whoever else shares
-- the transaction must not wait for that. The upload then goes through open_upload. What the server knows is so while the last upload is p_last, in the
-- inbox or, where nothing is there, of the device, and account_sums has the account: uploads move the first, and whatever else changes rows
-- empties the inbox and drops the second, as does what makes days wait or finds copies. An upload of another device brings by_device. p_named are models of
-- rows that are new, p_changed the days of rows that this upload changes, and p_new_days those of them that no upload in the inbox had. It answers 1 if something
-- was in the inbox, and 2 if not.
CREATE OR REPLACE FUNCTION tf.next_upload(p_key bytea, p_handle text, p_visibility smallint, p_last bigint, p_k bytea[], p_every bigint[], p_burst bigint[],
  p_n bigint[], p_nanos bigint, p_device bigint, p_rows text, p_book text, p_cell_day text[], p_cell_source text[], p_print bytea[], p_sketch bytea[], p_named text[], p_family text[],
  p_changed text[], p_new_days text[], p_rest bigint, p_seq bigint, p_body bytea, p_receipt text, p_at bigint, p_client text, p_os text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  me bigint := tf.known(p_key, p_at);
  same boolean;
  took int := 1;
  due_at bigint;
  due_days text;
  synced bigint;
  counted bigint;
  written bigint;
  add text[] := p_new_days;
BEGIN
  -- First, as in open_upload: what is read before the lock is there may be old.
  SELECT u.handle = p_handle AND u.visibility = p_visibility AND u.state <> 2 AND NOT EXISTS (
      SELECT FROM unnest(p_k, p_every, p_burst, p_n) c(k, every, burst, n) LEFT JOIN tf.quotas q ON q.k = c.k
       WHERE c.n NOT BETWEEN 1 AND c.burst OR q.until <= p_nanos + c.burst * c.every AND greatest(q.until, p_nanos) + c.n * c.every > p_nanos + c.burst * c.every)
    INTO same FROM tf.users u WHERE u.id = me FOR NO KEY UPDATE SKIP LOCKED;
  IF same IS NOT TRUE OR p_seq <= p_last THEN
    RETURN 0;
  END IF;
  IF cardinality(p_named) > 0 THEN
    IF EXISTS (SELECT FROM unnest(p_named, p_family) n(model, family) WHERE NOT EXISTS (SELECT FROM tf.models k WHERE k.model = n.model AND k.family = n.family)) THEN
      RETURN 0;
    END IF;
  END IF;
  IF cardinality(p_print) > 0 AND tf.print_elsewhere(me, p_cell_day, p_print) THEN
    RETURN 0;
  END IF;
  UPDATE tf.inbox SET seq = p_seq, rows = p_rows, book = p_book, body = p_body, receipt = p_receipt, at = p_at, client = coalesce(nullif(p_client, ''), client),
    os = coalesce(nullif(p_os, ''), os)
   WHERE user_id = me AND device_id = p_device AND seq = p_last AND at / 86400 = p_at / 86400;
  IF NOT FOUND THEN
    IF EXISTS (SELECT FROM tf.inbox x WHERE x.user_id = me) THEN
      RETURN 0;
    END IF;
    SELECT d.synced_at, w.at, w.days INTO synced, due_at, due_days
      FROM tf.devices d JOIN tf.account_sums s ON s.user_id = d.user_id LEFT JOIN tf.due w ON w.user_id = d.user_id
     WHERE d.user_id = me AND d.id = p_device AND d.last_seq = p_last AND s.by_device IS NULL;
    IF NOT FOUND OR due_at / 86400 <> p_at / 86400 THEN
      RETURN 0;
    END IF;
    took := 2;
    add := CASE WHEN p_changed <@ string_to_array(due_days, ' ') THEN '{}' ELSE p_changed END;
    IF cardinality(p_changed) > 0 THEN
      INSERT INTO tf.inbox VALUES (me, p_device, p_seq, p_rows, p_book, p_body, p_receipt, p_at, p_client, p_os);
    ELSE -- nothing that would ever empty it
      UPDATE tf.devices SET last_seq = p_seq, last_body = p_body, last_receipt = p_receipt, synced_at = p_at,
        client = coalesce(nullif(p_client, ''), client), os = coalesce(nullif(p_os, ''), os) WHERE user_id = me AND id = p_device;
    END IF;
  END IF;
  IF cardinality(p_k) > 0 THEN
    UPDATE tf.quotas q SET until = least(greatest(q.until, p_nanos) + c.n * c.every, p_nanos + c.burst * c.every)
      FROM unnest(p_k, p_every, p_burst, p_n) c(k, every, burst, n)
     WHERE q.k = c.k AND c.n BETWEEN 1 AND c.burst AND (q.until > p_nanos + c.burst * c.every OR greatest(q.until, p_nanos) + c.n * c.every <= p_nanos + c.burst * c.every);
    GET DIAGNOSTICS counted = ROW_COUNT;
    IF counted <> cardinality(p_k) THEN -- one that is whole is nowhere: whoever counts clears them away
      INSERT INTO tf.quotas AS q SELECT c.k, p_nanos + c.n * c.every FROM unnest(p_k, p_every, p_burst, p_n) c(k, every, burst, n)
       WHERE NOT EXISTS (SELECT FROM tf.quotas t WHERE t.k = c.k) ORDER BY c.k
      ON CONFLICT DO NOTHING;
      GET DIAGNOSTICS written = ROW_COUNT;
      IF counted + written <> cardinality(p_k) THEN -- somebody else has just counted
        RAISE EXCEPTION 'not all are counted' USING ERRCODE = '40001';
      END IF;
    END IF;
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
  IF cardinality(add) > 0 THEN
    INSERT INTO tf.due AS d VALUES (me, p_at, array_to_string(add, ' '), p_at + CASE WHEN synced BETWEEN p_at - p_rest + 1 AND p_at THEN p_rest ELSE 0 END)
    ON CONFLICT (user_id) DO UPDATE SET days = (
        SELECT string_agg(DISTINCT x.day, ' ') FROM unnest(string_to_array(d.days || ' ' || EXCLUDED.days, ' ')) x(day));
  END IF;
  RETURN took;
END $$;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door;
-- +goose StatementEnd
