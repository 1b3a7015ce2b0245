-- +goose Up
-- +goose StatementBegin
SET LOCAL ROLE tf_owner;
-- What tells a device's rows of one cell from others: a keyed digest of their counts. Two that are the same are one history.
CREATE TABLE tf.prints (
  user_id       bigint NOT NULL,
  device_id     bigint NOT NULL,
  day           text COLLATE "C" NOT NULL,
  source        text COLLATE "C" NOT NULL,
  print         bytea NOT NULL CHECK (octet_length(print) = 32),
  first_seen_at bigint NOT NULL,
  PRIMARY KEY (user_id, day, source, device_id),
  FOREIGN KEY (user_id, device_id) REFERENCES tf.devices (user_id, id) ON DELETE CASCADE
);
CREATE INDEX prints_print ON tf.prints (print);

-- A device's part of a cell that counts already on another device, or was released from that.
CREATE TABLE tf.copies (
  user_id     bigint NOT NULL,
  device_id   bigint NOT NULL,
  day         text COLLATE "C" NOT NULL,
  source      text COLLATE "C" NOT NULL,
  found_at    bigint NOT NULL,
  released_at bigint,
  PRIMARY KEY (user_id, day, source, device_id),
  FOREIGN KEY (user_id, device_id) REFERENCES tf.devices (user_id, id) ON DELETE CASCADE
);
ALTER TABLE tf.prints ENABLE ROW LEVEL SECURITY;
ALTER TABLE tf.prints FORCE ROW LEVEL SECURITY;
ALTER TABLE tf.copies ENABLE ROW LEVEL SECURITY;
ALTER TABLE tf.copies FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON tf.prints, tf.copies TO tf_door;
GRANT SELECT ON tf.copies TO tf_app;
GRANT SELECT (user_id, device_id, day, source, first_seen_at) ON tf.prints TO tf_app;
GRANT SELECT ON tf.prints TO tf_sum;
CREATE POLICY own ON tf.prints FOR SELECT TO tf_app, tf_owner USING (user_id = (SELECT tf.uid()));
CREATE POLICY own ON tf.copies FOR SELECT TO tf_app, tf_owner USING (user_id = (SELECT tf.uid()));
CREATE POLICY door_own ON tf.prints FOR ALL TO tf_door USING (user_id = (SELECT tf.uid())) WITH CHECK (user_id = (SELECT tf.uid()));
CREATE POLICY door_own ON tf.copies FOR ALL TO tf_door USING (user_id = (SELECT tf.uid())) WITH CHECK (user_id = (SELECT tf.uid()));
CREATE POLICY everybody ON tf.prints FOR SELECT TO tf_sum USING (true);

GRANT CREATE ON SCHEMA tf TO tf_door, tf_sum;
SET LOCAL ROLE tf_door;
-- Writes rows of one device and removes others. Members that it does not name, an owner for one, have no effect. A row that is
-- new in a cell which the device told of before was first seen when the cell was.
CREATE OR REPLACE FUNCTION tf.put_rows(p_device bigint, p_rows jsonb, p_gone jsonb, p_book text, p_at bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
  firsts jsonb;
BEGIN
  IF jsonb_typeof(p_rows) IS DISTINCT FROM 'array' OR jsonb_typeof(p_gone) IS DISTINCT FROM 'array' OR jsonb_array_length(p_rows) > 5000 THEN
    RAISE EXCEPTION 'rows' USING ERRCODE = '22023';
  END IF;
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

-- Notes what a device has in some cells; a cell without a print has nothing.
CREATE FUNCTION tf.put_prints(p_device bigint, p_prints jsonb, p_at bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  DELETE FROM tf.prints p USING jsonb_to_recordset(p_prints) r(day text, source text, print text)
   WHERE p.user_id = me AND p.device_id = p_device AND (p.day, p.source) = (r.day, r.source) AND r.print IS NULL;
  INSERT INTO tf.prints (user_id, device_id, day, source, print, first_seen_at)
  SELECT me, p_device, r.day, r.source, decode(r.print, 'hex'), p_at
    FROM jsonb_to_recordset(p_prints) r(day text, source text, print text) WHERE r.print IS NOT NULL
  ON CONFLICT (user_id, day, source, device_id) DO UPDATE SET print = EXCLUDED.print, first_seen_at = EXCLUDED.first_seen_at
   WHERE tf.prints.print <> EXCLUDED.print;
END $$;

-- Cells of the account that are the same on two of its devices.
CREATE FUNCTION tf.twins() RETURNS TABLE (o_device bigint, o_original bigint, o_day text, o_source text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.device_id, q.device_id, p.day, p.source FROM tf.prints p
    JOIN tf.prints q ON q.user_id = p.user_id AND q.day = p.day AND q.source = p.source AND q.print = p.print AND q.device_id < p.device_id
   WHERE p.user_id = (SELECT tf.uid()) $$;

-- Makes exactly these the copies of the account, but for the released ones, and returns the days on which something changed.
CREATE FUNCTION tf.set_copies(p_copies jsonb, p_at bigint) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  RETURN QUERY WITH gone AS (
    DELETE FROM tf.copies c WHERE c.user_id = me AND NOT EXISTS (
      SELECT FROM jsonb_to_recordset(p_copies) r(device bigint, day text, source text)
       WHERE (r.device, r.day, r.source) = (c.device_id, c.day, c.source))
    RETURNING c.day)
  SELECT DISTINCT g.day FROM gone g;
  RETURN QUERY WITH fresh AS (
    INSERT INTO tf.copies AS c (user_id, device_id, day, source, found_at)
    SELECT me, r.device, r.day, r.source, p_at FROM jsonb_to_recordset(p_copies) r(device bigint, day text, source text)
    ON CONFLICT DO NOTHING RETURNING c.day)
  SELECT DISTINCT f.day FROM fresh f;
END $$;

CREATE OR REPLACE FUNCTION tf.mark_held(p_from text, p_to text) RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  UPDATE tf.usage_day d SET held = NOT d.held WHERE d.user_id = tf.uid() AND d.day BETWEEN p_from AND p_to
    AND d.held <> (EXISTS (SELECT FROM tf.holds h WHERE h.user_id = d.user_id AND h.day = d.day AND h.source = d.source AND h.released_at IS NULL)
      OR EXISTS (SELECT FROM tf.copies c WHERE c.user_id = d.user_id AND c.day = d.day AND c.source = d.source AND c.device_id = d.device_id
                 AND c.released_at IS NULL)) $$;

-- Marks the rows of days that the judged ones do not hold, where copies came or went.
CREATE FUNCTION tf.mark_copies(p_from text, p_to text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM tf.me();
  PERFORM tf.mark_held(p_from, p_to);
END $$;

-- Lets the copies of a cell count for good, and returns how many there were.
CREATE FUNCTION tf.release_copies(p_day text, p_source text, p_at bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
  n bigint;
BEGIN
  UPDATE tf.copies SET released_at = p_at WHERE user_id = me AND day = p_day AND source = p_source AND released_at IS NULL;
  GET DIAGNOSTICS n = ROW_COUNT;
  PERFORM tf.mark_held(p_day, p_day);
  PERFORM tf.note(p_at, 'release', p_day || ' ' || p_source) WHERE n > 0;
  RETURN n;
END $$;
GRANT EXECUTE ON FUNCTION tf.put_prints, tf.twins, tf.set_copies, tf.mark_copies TO tf_app, tf_owner;
GRANT EXECUTE ON FUNCTION tf.release_copies TO tf_owner;

SET LOCAL ROLE tf_sum;
-- The asking account's cells of some days that somebody else sent first, if the two share enough days. Whose they are is not told.
CREATE FUNCTION tf.shared_cells(p_from text, p_to text, p_days int) RETURNS TABLE (o_day text, o_source text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH same AS (SELECT q.user_id AS other, p.day, p.source FROM tf.prints p
      JOIN tf.prints q ON q.print = p.print AND q.user_id <> p.user_id AND (q.first_seen_at, q.user_id) < (p.first_seen_at, p.user_id)
     WHERE p.user_id = (SELECT tf.uid())),
  much AS (SELECT other FROM same GROUP BY other HAVING count(DISTINCT day) >= p_days)
  SELECT DISTINCT day, source FROM same WHERE other IN (SELECT other FROM much) AND day BETWEEN p_from AND p_to $$;
GRANT EXECUTE ON FUNCTION tf.shared_cells TO tf_app, tf_owner;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door, tf_sum;
-- +goose StatementEnd
