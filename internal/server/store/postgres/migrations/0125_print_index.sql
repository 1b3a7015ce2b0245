-- +goose Up
-- +goose StatementBegin
GRANT CREATE ON SCHEMA tf TO tf_sum;
SET LOCAL ROLE tf_owner;
-- By day and the first bytes of a print in one number, which is a third of the size: each upload leaves and takes places of it that are spread by
-- nature, so the fewer pages a day has, the fewer come from the disk and go to the log. What has the number is compared in full.
CREATE INDEX prints_mark ON tf.prints ((replace(day, '-', '')::bigint * 4294967296 + get_byte(print, 0)::bigint * 16777216 + get_byte(print, 1) * 65536 + get_byte(print, 2) * 256 + get_byte(print, 3)));
DROP INDEX tf.prints_day;
ANALYZE tf.prints; -- what is known of a column says nothing of an expression

SET LOCAL ROLE tf_sum;
-- As before, by the index, also while nothing is known of what is in it.
CREATE OR REPLACE FUNCTION tf.shared_cells(p_from text, p_to text, p_days int) RETURNS TABLE (o_day text, o_source text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
  WITH same AS (SELECT q.user_id AS other, p.day, p.source FROM tf.prints p
      JOIN tf.prints q ON replace(q.day, '-', '')::bigint * 4294967296 + get_byte(q.print, 0)::bigint * 16777216 + get_byte(q.print, 1) * 65536 + get_byte(q.print, 2) * 256 + get_byte(q.print, 3)
        = replace(p.day, '-', '')::bigint * 4294967296 + get_byte(p.print, 0)::bigint * 16777216 + get_byte(p.print, 1) * 65536 + get_byte(p.print, 2) * 256 + get_byte(p.print, 3)
       AND q.day = p.day AND q.print = p.print AND q.user_id <> p.user_id AND (q.first_seen_at, q.user_id) < (p.first_seen_at, p.user_id)
     WHERE p.user_id = (SELECT tf.uid())),
  much AS (SELECT other FROM same GROUP BY other HAVING count(DISTINCT day) >= p_days)
  SELECT DISTINCT day, source FROM same WHERE other IN (SELECT other FROM much) AND day BETWEEN p_from AND p_to $$;

CREATE OR REPLACE FUNCTION tf.print_elsewhere(p_user bigint, p_day text[], p_print bytea[]) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off AS $$
BEGIN
  RETURN EXISTS (SELECT FROM unnest(p_day, p_print) r(day, print)
    JOIN tf.prints p ON replace(p.day, '-', '')::bigint * 4294967296 + get_byte(p.print, 0)::bigint * 16777216 + get_byte(p.print, 1) * 65536 + get_byte(p.print, 2) * 256 + get_byte(p.print, 3)
      = replace(r.day, '-', '')::bigint * 4294967296 + get_byte(r.print, 0)::bigint * 16777216 + get_byte(r.print, 1) * 65536 + get_byte(r.print, 2) * 256 + get_byte(r.print, 3)
     AND p.day = r.day AND p.print = r.print AND p.user_id <> p_user);
END $$;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_sum;
-- +goose StatementEnd
