-- +goose Up
-- +goose StatementBegin
SET LOCAL ROLE tf_owner;
-- What the device of an account sent since its rows were last written. It is text, which nobody looks into before it is emptied: first
-- thirteen sums of the account, as put_upload takes them, and its first day; then a line for each row of usage_day as it is to be, from day,
-- source, model and tier on, with the twelve numbers that put_upload takes. Whoever looks at rows sees it: a transaction that becomes an account, and
-- whatever makes its lines or prices its rows, empties its inbox first. A row of it and the one that takes its place fit on a page.
CREATE TABLE tf.inbox (
  user_id   bigint PRIMARY KEY,
  device_id bigint NOT NULL,
  seq       bigint NOT NULL, -- of the device's last upload
  rows      text NOT NULL,
  book      text NOT NULL,
  body      bytea NOT NULL,
  receipt   text NOT NULL,
  at        bigint NOT NULL,
  client    text NOT NULL,
  os        text NOT NULL,
  FOREIGN KEY (user_id, device_id) REFERENCES tf.devices (user_id, id) ON DELETE CASCADE
) WITH (fillfactor = 50, toast_tuple_target = 4080, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
ALTER TABLE tf.inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE tf.inbox FORCE ROW LEVEL SECURITY;
CREATE POLICY door_own ON tf.inbox FOR ALL TO tf_door USING (user_id = (SELECT tf.uid())) WITH CHECK (user_id = (SELECT tf.uid()));
CREATE POLICY house ON tf.inbox FOR SELECT TO tf_job USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON tf.inbox TO tf_door;
GRANT SELECT (user_id) ON tf.inbox TO tf_job;

GRANT CREATE ON SCHEMA tf TO tf_door, tf_job;
SET LOCAL ROLE tf_door;
-- As before, in words that are planned once. tf.uid() compares with the same.
CREATE OR REPLACE FUNCTION tf.become(p_user bigint) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  k bytea;
BEGIN
  SELECT m.value INTO k FROM tf.mac_key m;
  PERFORM set_config('tf.identity', p_user || '.' || encode(sha256(k || sha256(k || convert_to(
    p_user || '|' || pg_backend_pid() || '|' || extract(epoch FROM transaction_timestamp()), 'UTF8'))), 'hex'), true);
END $$;

-- Makes usage_day, the account's sums and its device hold what is in its inbox, and leaves the transaction the identity that it had. What the
-- tables refuse can be of a server alone that was taken over, for a server looks before it puts something there: it is dropped, and noted.
CREATE FUNCTION tf.empty_inbox(p_user bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  was text := current_setting('tf.identity', true);
  w tf.inbox;
  lines text[];
  s text[];
BEGIN
  PERFORM tf.become(p_user);
  PERFORM 1 FROM tf.users u WHERE u.id = p_user FOR NO KEY UPDATE; -- first: what is read before the lock is there may be old
  DELETE FROM tf.inbox x WHERE x.user_id = p_user RETURNING x.* INTO w;
  IF FOUND THEN
    lines := string_to_array(w.rows, E'\n');
    s := string_to_array(lines[1], ' ');
    BEGIN
      INSERT INTO tf.usage_day AS d (user_id, device_id, day, source, model, tier, band, requests, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,
        cost_uusd, priced, parser, first_seen_at, book)
      SELECT p_user, w.device_id, r.f[1], r.f[2], r.f[3], r.f[4], r.f[5]::int, r.f[6]::bigint, r.f[7]::bigint, r.f[8]::bigint, r.f[9]::bigint, r.f[10]::bigint,
        r.f[11]::bigint, r.f[12]::bigint, r.f[13]::bigint, r.f[14] = '1', r.f[15]::int, r.f[16]::bigint, w.book
        FROM (SELECT string_to_array(l, ' ') AS f FROM unnest(lines[2:]) l OFFSET 0) r
      ON CONFLICT (user_id, day, source, device_id, model, band, tier) DO UPDATE SET requests = EXCLUDED.requests, input = EXCLUDED.input,
        cache_read = EXCLUDED.cache_read, cache_write_5m = EXCLUDED.cache_write_5m, cache_write_1h = EXCLUDED.cache_write_1h, output = EXCLUDED.output,
        reasoning = EXCLUDED.reasoning, cost_uusd = EXCLUDED.cost_uusd, priced = EXCLUDED.priced, parser = EXCLUDED.parser, book = EXCLUDED.book;
      UPDATE tf.account_sums SET rows = s[1]::bigint, late_days = s[2]::bigint, late_tokens = s[3]::bigint, requests = s[4]::bigint, input = s[5]::bigint,
        cache_read = s[6]::bigint, cache_write_5m = s[7]::bigint, cache_write_1h = s[8]::bigint, output = s[9]::bigint, reasoning = s[10]::bigint,
        cost_uusd = s[11]::bigint, unpriced = s[12]::bigint, active_days = s[13]::bigint, first_day = s[14]
       WHERE user_id = p_user;
      UPDATE tf.devices SET last_seq = w.seq, last_body = w.body, last_receipt = w.receipt, synced_at = w.at,
        client = coalesce(nullif(w.client, ''), client), os = coalesce(nullif(w.os, ''), os)
       WHERE user_id = p_user AND id = w.device_id AND last_seq < w.seq;
    EXCEPTION WHEN integrity_constraint_violation OR data_exception THEN
      DELETE FROM tf.account_sums a WHERE a.user_id = p_user;
      PERFORM tf.note(w.at, 'refuse', SQLSTATE);
    END;
  END IF;
  PERFORM set_config('tf.identity', coalesce(was, ''), true);
END $$;
GRANT EXECUTE ON FUNCTION tf.empty_inbox TO tf_job;

-- Whoever holds the token or session with this hash. The transaction becomes theirs, and may find something in the inbox.
CREATE FUNCTION tf.known(p_key bytea, p_at bigint) RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  u bigint;
BEGIN
  SELECT user_id INTO u FROM tf.tokens WHERE secret = p_key AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > p_at);
  IF u IS NULL THEN
    SELECT user_id INTO u FROM tf.sessions WHERE secret = p_key AND expires_at > p_at AND seen_at + idle_s > p_at;
  END IF;
  IF u IS NULL THEN
    RAISE EXCEPTION 'unauthorized' USING ERRCODE = '28000';
  END IF;
  PERFORM tf.become(u);
  RETURN u;
END $$;

CREATE OR REPLACE FUNCTION tf.enter(p_key bytea, p_at bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.known(p_key, p_at);
BEGIN
  PERFORM tf.empty_inbox(me) WHERE EXISTS (SELECT FROM tf.inbox x WHERE x.user_id = me);
  RETURN me;
END $$;

-- Enters to read what may take long, without holding the account: what is in the inbox came after the reader looked.
CREATE FUNCTION tf.look(p_key bytea, p_at bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN tf.known(p_key, p_at);
END $$;
GRANT EXECUTE ON FUNCTION tf.look TO tf_app, tf_owner;

CREATE OR REPLACE FUNCTION tf.enter_as(p_user bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM tf.become(p_user);
  PERFORM tf.empty_inbox(p_user) WHERE EXISTS (SELECT FROM tf.inbox x WHERE x.user_id = p_user);
  RETURN p_user;
END $$;

DROP FUNCTION tf.next_upload;
-- Takes in the next upload of an account's only device whose server knows the account as the upload p_last left it: enters as whoever holds
-- the token, counts p_n against each quota as tf.take does, writes prints and what waits, and puts the rest into the inbox: the rows that
-- changed since it was empty, as far as the server knows when that was. It answers 0 and does nothing where the server may know the account
-- otherwise than it is, somebody else has one of the prints, a quota has no room, or somebody is at work on the account: whoever else shares
-- the transaction must not wait for that. The upload then goes through open_upload. What the server knows is so while the last upload is p_last, in the
-- inbox or, where nothing is there, of the device, and account_sums has the account: uploads move the first, and whatever else changes rows
-- empties the inbox and drops the second, as does what makes days wait or finds copies. An upload of another device brings by_device. p_named are models of
-- rows that are new, p_changed the days of rows that this upload changes, and p_new_days those of them that no upload in the inbox had. It answers 1 if something
-- was in the inbox, and 2 if not.
CREATE FUNCTION tf.next_upload(p_key bytea, p_handle text, p_visibility smallint, p_last bigint, p_k bytea[], p_every bigint[], p_burst bigint[],
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
  written bigint;
  add text[] := p_new_days;
BEGIN
  -- First, as in open_upload: what is read before the lock is there may be old.
  SELECT u.handle = p_handle AND u.visibility = p_visibility AND u.state <> 2 INTO same FROM tf.users u WHERE u.id = me FOR NO KEY UPDATE SKIP LOCKED;
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
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written <> cardinality(p_k) THEN -- a quota has no room, or is new: open_upload says which
      RAISE EXCEPTION 'not all are counted' USING ERRCODE = '40001';
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
GRANT EXECUTE ON FUNCTION tf.next_upload TO tf_app, tf_owner;

-- The tables that hold rows of the transaction's user, found in the catalogue, so that none can be forgotten. What is in the inbox
-- came after whoever asks looked.
CREATE OR REPLACE FUNCTION tf.export_tables() RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'tf'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'inbox'
     AND (c.relname = 'users' OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'user_id' AND NOT a.attisdropped))
   ORDER BY c.relname <> 'users', 1 $$;

SET LOCAL ROLE tf_owner;
-- As before, but that what lines are made from is in the account's rows first.
CREATE OR REPLACE FUNCTION tf.settle(p_user bigint, p_today text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  owed record;
  touched text[];
  changed text;
  rolling text;
BEGIN
  PERFORM tf.empty_inbox(p_user) WHERE EXISTS (SELECT FROM tf.inbox x WHERE x.user_id = p_user);
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

SET LOCAL ROLE tf_job;
-- Reprices up to p_most accounts, as before, but that the rows of each are there first.
CREATE OR REPLACE FUNCTION tf.reprice(p_book text, p_rates jsonb, p_at bigint, p_most int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  log bigint;
  who bigint;
  done int := 0;
  n bigint;
  cost_before bigint;
  cost_after bigint;
  today text := to_char(to_timestamp(p_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD');
BEGIN
  IF NOT pg_try_advisory_xact_lock(1952868211) THEN
    RETURN 0;
  END IF;
  INSERT INTO tf.models AS m SELECT DISTINCT ON (r.model) r.model, r.family FROM jsonb_to_recordset(p_rates) r(model text, family text) ORDER BY 1
  ON CONFLICT (model) DO UPDATE SET family = EXCLUDED.family WHERE m.family <> EXCLUDED.family;
  SELECT id INTO log FROM tf.repricings WHERE book = p_book AND finished_at IS NULL;
  FOR who IN SELECT tf.stale_users(p_book, p_most) LOOP
    -- The account is held before its rows are read, or an upload between would be priced away.
    PERFORM 1 FROM tf.users WHERE id = who FOR NO KEY UPDATE;
    PERFORM tf.empty_inbox(who) WHERE EXISTS (SELECT FROM tf.inbox x WHERE x.user_id = who);
    IF log IS NULL THEN
      INSERT INTO tf.repricings (book, started_at) VALUES (p_book, p_at) RETURNING id INTO log;
    END IF;
    WITH price AS MATERIALIZED (
      SELECT d.device_id, d.day, d.source, d.model, d.band, d.tier, d.held, d.book, d.cost_uusd AS was, d.priced AS was_priced, r.priced,
        CASE WHEN r.priced THEN tf.micro(d.input::numeric * r.input + d.cache_read::numeric * r.cache_read + d.cache_write_5m::numeric * r.cache_write_5m
          + d.cache_write_1h::numeric * r.cache_write_1h + d.output::numeric * r.output) ELSE 0 END AS cost
        FROM tf.usage_day d JOIN jsonb_to_recordset(p_rates) r(day text, model text, band int, tier text, priced boolean, input bigint, cache_read bigint,
          cache_write_5m bigint, cache_write_1h bigint, output bigint) ON (r.day, r.model, r.band, r.tier) = (d.day, d.model, d.band, d.tier)
       WHERE d.user_id = who AND d.book < p_book),
    old AS (INSERT INTO tf.repriced_books SELECT DISTINCT log, book FROM price ON CONFLICT DO NOTHING),
    moved AS (INSERT INTO tf.repriced_models SELECT DISTINCT log, model FROM price WHERE (was, was_priced) <> (cost, priced) ON CONFLICT DO NOTHING),
    put AS (
      UPDATE tf.usage_day u SET cost_uusd = p.cost, priced = p.priced, book = p_book FROM price p
       WHERE u.user_id = who AND (u.device_id, u.day, u.source, u.model, u.band, u.tier) = (p.device_id, p.day, p.source, p.model, p.band, p.tier))
    SELECT count(*), coalesce(sum(was) FILTER (WHERE NOT held), 0), coalesce(sum(cost) FILTER (WHERE NOT held), 0) INTO n, cost_before, cost_after FROM price;
    CONTINUE WHEN n = 0;
    PERFORM tf.roll_up_user(who, '0001-01-01', '9999-12-31', today);
    INSERT INTO tf.repriced_users AS r VALUES (log, who, n, cost_before, cost_after)
    ON CONFLICT (user_id, repricing) DO UPDATE SET rows = r.rows + EXCLUDED.rows, before = r.before + EXCLUDED.before, after = r.after + EXCLUDED.after;
    done := done + 1;
  END LOOP;
  RETURN done;
END $$;

-- Makes everything that an account sent be in its rows, and its lines: what others see of it, they see after.
CREATE FUNCTION tf.settle_one(p_user bigint, p_today text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM tf.inbox x WHERE x.user_id = p_user) THEN
    PERFORM 1 FROM tf.users u WHERE u.id = p_user FOR NO KEY UPDATE;
    PERFORM tf.settle(p_user, p_today);
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION tf.settle_one TO tf_app, tf_owner;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door, tf_job;
-- +goose StatementEnd
