-- +goose Up
-- +goose StatementBegin
-- A book never takes the place of a newer one: while servers of two versions share the database, prices go forth and not back.
GRANT CREATE ON SCHEMA tf TO tf_job;
SET LOCAL ROLE tf_job;
CREATE OR REPLACE FUNCTION tf.stale_users(p_book text, p_most int) RETURNS SETOF bigint LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT DISTINCT d.user_id FROM tf.usage_day d WHERE d.book < p_book ORDER BY 1 LIMIT p_most $$;

-- What prices of the next accounts depend on, of all of them together: whose they are is not said.
CREATE OR REPLACE FUNCTION tf.stale_rates(p_book text, p_most int) RETURNS TABLE (o_day text, o_model text, o_band int, o_tier text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT DISTINCT d.day, d.model, d.band, d.tier FROM tf.stale_users(p_book, p_most) u JOIN tf.usage_day d ON d.user_id = u
   WHERE d.book < p_book ORDER BY 1, 2, 3, 4 $$;

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

SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_job;
-- +goose StatementEnd
