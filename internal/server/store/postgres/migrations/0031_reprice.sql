-- +goose Up
-- +goose StatementBegin
GRANT CREATE ON SCHEMA tf TO tf_door, tf_sum, tf_job;

-- What happened when the server's price book changed.
CREATE TABLE tf.repricings (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  book        text COLLATE "C" NOT NULL, -- the new one's date
  started_at  bigint NOT NULL,
  finished_at bigint,
  accounts    bigint NOT NULL DEFAULT 0,
  moved       bigint NOT NULL DEFAULT 0
);
CREATE TABLE tf.repriced_books (
  repricing bigint NOT NULL REFERENCES tf.repricings ON DELETE CASCADE,
  book      text COLLATE "C" NOT NULL, -- an old one's date
  PRIMARY KEY (repricing, book)
);
CREATE TABLE tf.repriced_models (
  repricing bigint NOT NULL REFERENCES tf.repricings ON DELETE CASCADE,
  model     text COLLATE "C" NOT NULL,
  PRIMARY KEY (repricing, model)
);
CREATE TABLE tf.repriced_users (
  repricing bigint NOT NULL REFERENCES tf.repricings ON DELETE CASCADE,
  user_id   bigint NOT NULL REFERENCES tf.users ON DELETE CASCADE,
  rows      bigint NOT NULL,
  before    bigint NOT NULL, -- micro-dollars of the rows, held ones left out
  after     bigint NOT NULL,
  PRIMARY KEY (user_id, repricing)
);
CREATE INDEX repriced_users_by ON tf.repriced_users (repricing, user_id);

DO $$ DECLARE t regclass; BEGIN
  FOREACH t IN ARRAY ARRAY['tf.repricings', 'tf.repriced_books', 'tf.repriced_models', 'tf.repriced_users']::regclass[] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY house ON %s FOR ALL TO tf_job USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY everybody ON %s FOR SELECT TO tf_sum USING (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %s TO tf_job', t);
    EXECUTE format('GRANT SELECT ON %s TO tf_sum', t);
  END LOOP;
END $$;
CREATE POLICY door_own ON tf.repriced_users FOR SELECT TO tf_door USING (user_id = (SELECT tf.uid()));
GRANT SELECT ON tf.repriced_users TO tf_door;
GRANT SELECT, UPDATE (cost_uusd, priced, book) ON tf.usage_day TO tf_job;
GRANT UPDATE (state) ON tf.users TO tf_job; -- an account is locked while it is priced
CREATE POLICY house ON tf.usage_day FOR SELECT TO tf_job USING (true);
CREATE POLICY house_prices ON tf.usage_day FOR UPDATE TO tf_job USING (true) WITH CHECK (true);
CREATE POLICY house_lock ON tf.users FOR UPDATE TO tf_job USING (true) WITH CHECK (false);

SET LOCAL ROLE tf_door;
DROP FUNCTION tf.reprice(jsonb, text);
SET LOCAL ROLE tf_sum;
DROP FUNCTION tf.priced_by_others(text);

SET LOCAL ROLE tf_job;
CREATE FUNCTION tf.stale_users(p_book text, p_most int) RETURNS SETOF bigint LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT DISTINCT d.user_id FROM tf.usage_day d WHERE d.book < p_book OR d.book > p_book ORDER BY 1 LIMIT p_most $$;

-- What prices of the next accounts depend on, of all of them together: whose they are is not said.
CREATE FUNCTION tf.stale_rates(p_book text, p_most int) RETURNS TABLE (o_day text, o_model text, o_band int, o_tier text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT DISTINCT d.day, d.model, d.band, d.tier FROM tf.stale_users(p_book, p_most) u JOIN tf.usage_day d ON d.user_id = u
   WHERE d.book <> p_book ORDER BY 1, 2, 3, 4 $$;

-- Micro-dollars of pico-dollars, half to even.
CREATE FUNCTION tf.micro(p_pico numeric) RETURNS bigint LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT (q + CASE WHEN r > 500000 OR r = 500000 AND q % 2 = 1 THEN 1 ELSE 0 END)::bigint
    FROM (SELECT div(p_pico, 1000000) AS q, p_pico % 1000000 AS r) x $$;

CREATE FUNCTION tf.reprice(p_book text, p_rates jsonb, p_at bigint, p_most int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
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
       WHERE d.user_id = who AND d.book <> p_book),
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

CREATE FUNCTION tf.end_repricing(p_book text, p_at bigint) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE tf.repricings r SET finished_at = p_at, accounts = (SELECT count(*) FROM tf.repriced_users u WHERE u.repricing = r.id),
    moved = (SELECT count(*) FROM tf.repriced_users u WHERE u.repricing = r.id AND u.before <> u.after)
   WHERE r.book = p_book AND r.finished_at IS NULL AND NOT EXISTS (SELECT FROM tf.stale_users(p_book, 1)) $$;
GRANT EXECUTE ON FUNCTION tf.stale_rates, tf.reprice(text, jsonb, bigint, int), tf.end_repricing TO tf_app, tf_owner;

SET LOCAL ROLE tf_sum;
-- The public log: numbers, and lines of public accounts that show their cost.
CREATE VIEW tf.public_repricings WITH (security_barrier) AS
  SELECT r.id, r.book, r.started_at, r.finished_at, CASE WHEN r.finished_at IS NULL THEN (SELECT count(*) FROM tf.repriced_users u WHERE u.repricing = r.id) ELSE r.accounts END AS accounts,
    CASE WHEN r.finished_at IS NULL THEN (SELECT count(*) FROM tf.repriced_users u WHERE u.repricing = r.id AND u.before <> u.after) ELSE r.moved END AS moved,
    ARRAY(SELECT b.book FROM tf.repriced_books b WHERE b.repricing = r.id ORDER BY 1) AS books,
    ARRAY(SELECT m.model FROM tf.repriced_models m WHERE m.repricing = r.id ORDER BY 1) AS models
    FROM tf.repricings r;
CREATE VIEW tf.public_repriced WITH (security_barrier) AS
  SELECT r.repricing, u.handle, r.rows, r.before, r.after FROM tf.repriced_users r JOIN tf.users u ON u.id = r.user_id
   WHERE u.hidden & 1 = 0 AND r.before <> r.after;
GRANT SELECT ON tf.public_repricings, tf.public_repriced TO tf_app, tf_owner;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door, tf_sum, tf_job;
-- +goose StatementEnd
