-- +goose Up
-- +goose StatementBegin
SET LOCAL ROLE tf_owner;
-- When a quota is whole again, in nanoseconds since 1970. Whose it is cannot be read from its key. A crash forgets them all.
CREATE UNLOGGED TABLE tf.quotas (
  k     bytea PRIMARY KEY CHECK (octet_length(k) = 32),
  until bigint NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE tf.quotas ENABLE ROW LEVEL SECURITY;
ALTER TABLE tf.quotas FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON tf.quotas TO tf_door;
CREATE POLICY door_counts ON tf.quotas FOR ALL TO tf_door USING (true) WITH CHECK (true);

GRANT CREATE ON SCHEMA tf TO tf_door;
SET LOCAL ROLE tf_door;
-- Counts p_n requests if they fit, in one statement, so that of requests at once none is counted past the other. It returns when
-- the quota was or is whole again; whether they fit follows from that, as store.Quota says.
CREATE FUNCTION tf.take(p_k bytea, p_every bigint, p_burst bigint, p_n bigint, p_at bigint, OUT o_until bigint, OUT o_taken boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  most bigint := p_at + p_burst * p_every;
BEGIN
  IF p_n > 0 AND p_n <= p_burst THEN
    INSERT INTO tf.quotas AS q VALUES (p_k, p_at + p_n * p_every)
    -- A time that is further ahead is of a clock that has gone back since.
    ON CONFLICT (k) DO UPDATE SET until = least(greatest(q.until, p_at) + p_n * p_every, most)
     WHERE q.until > most OR greatest(q.until, p_at) + p_n * p_every <= most
    RETURNING q.until INTO o_until;
  END IF;
  o_taken := o_until IS NOT NULL;
  IF NOT o_taken THEN
    SELECT q.until INTO o_until FROM tf.quotas q WHERE q.k = p_k;
  ELSIF random() < 0.001 THEN
    DELETE FROM tf.quotas q WHERE q.until < p_at;
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION tf.take TO tf_app, tf_owner;
SET LOCAL ROLE tf_owner;
REVOKE CREATE ON SCHEMA tf FROM tf_door;
-- +goose StatementEnd
