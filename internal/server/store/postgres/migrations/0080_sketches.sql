-- +goose Up
-- +goose StatementBegin
SET LOCAL ROLE tf_owner;
GRANT CREATE ON SCHEMA tf TO tf_door;

-- Of the responses in the cell the smallest marks, by a key of the account; NULL where the device sent none.
ALTER TABLE tf.prints ADD COLUMN sketch bytea CHECK (octet_length(sketch) BETWEEN 6 AND 384 AND octet_length(sketch) % 6 = 0);
-- The device whose part counts, and how much of this one it has, in percent; NULL where prints tell.
ALTER TABLE tf.copies ADD COLUMN original_id bigint, ADD COLUMN share smallint CHECK (share BETWEEN 1 AND 100);
GRANT SELECT (sketch) ON tf.prints TO tf_app;
-- What compares accounts has no use for what is of one account.
REVOKE SELECT ON tf.prints FROM tf_sum;
GRANT SELECT (user_id, device_id, day, source, print, first_seen_at) ON tf.prints TO tf_sum;

SET LOCAL ROLE tf_door;
-- Notes what a device has in some cells; a cell without a print has nothing.
CREATE OR REPLACE FUNCTION tf.put_prints(p_device bigint, p_prints jsonb, p_at bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  DELETE FROM tf.prints p USING jsonb_to_recordset(p_prints) r(day text, source text, print text)
   WHERE p.user_id = me AND p.device_id = p_device AND (p.day, p.source) = (r.day, r.source) AND r.print IS NULL;
  INSERT INTO tf.prints AS p (user_id, device_id, day, source, print, first_seen_at, sketch)
  SELECT me, p_device, r.day, r.source, decode(r.print, 'hex'), p_at, decode(r.sketch, 'base64')
    FROM jsonb_to_recordset(p_prints) r(day text, source text, print text, sketch text) WHERE r.print IS NOT NULL
  ON CONFLICT (user_id, day, source, device_id) DO UPDATE SET print = EXCLUDED.print, sketch = EXCLUDED.sketch,
    first_seen_at = CASE WHEN p.print = EXCLUDED.print THEN p.first_seen_at ELSE EXCLUDED.first_seen_at END
   WHERE p.print <> EXCLUDED.print OR p.sketch IS DISTINCT FROM EXCLUDED.sketch;
END $$;

-- Notes prints and returns the twins of the account: cells with the same print, of which one has no sketch that would tell more.
CREATE OR REPLACE FUNCTION tf.compare(p_device bigint, p_prints jsonb, p_at bigint)
RETURNS TABLE (o_device bigint, o_original bigint, o_day text, o_source text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  PERFORM tf.put_prints(p_device, p_prints, p_at);
  RETURN QUERY SELECT p.device_id, q.device_id, p.day, p.source FROM tf.prints p
    JOIN tf.prints q ON q.user_id = p.user_id AND q.day = p.day AND q.source = p.source AND q.print = p.print AND q.device_id < p.device_id
   WHERE p.user_id = me AND (p.sketch IS NULL OR q.sketch IS NULL);
END $$;

-- Writes copies of the account and removes others. What was released stays released.
DROP FUNCTION tf.set_copies(jsonb, bigint);
CREATE FUNCTION tf.put_copies(p_put jsonb, p_gone jsonb, p_at bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me bigint := tf.me();
BEGIN
  DELETE FROM tf.copies c USING jsonb_to_recordset(p_gone) r(device bigint, day text, source text)
   WHERE c.user_id = me AND (c.device_id, c.day, c.source) = (r.device, r.day, r.source);
  INSERT INTO tf.copies (user_id, device_id, day, source, found_at, original_id, share)
  SELECT me, r.device, r.day, r.source, p_at, r.original, nullif(r.share, 0)
    FROM jsonb_to_recordset(p_put) r(device bigint, day text, source text, original bigint, share smallint)
  ON CONFLICT (user_id, day, source, device_id) DO UPDATE SET original_id = EXCLUDED.original_id, share = EXCLUDED.share;
END $$;
GRANT EXECUTE ON FUNCTION tf.put_copies TO tf_app, tf_owner;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door;
-- +goose StatementEnd
