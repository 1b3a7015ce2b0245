-- Run once by the cluster's administrator, in the new database that tokenflexd is to use:
--   tokenflexd migrate --roles | psql -v ON_ERROR_STOP=1 -d tokenflex
-- then give tf_owner and tf_app a way to log in: a password, or peer authentication in pg_hba.conf.
DO $$
BEGIN
  -- Owns the schema and its tables, runs migrations and the host's own commands.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tf_owner') THEN
    CREATE ROLE tf_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT;
  END IF;
  -- Owns the functions that write, and no table.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tf_door') THEN
    CREATE ROLE tf_door NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT;
  END IF;
  -- Owns the functions that sum over people, and can write nothing.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tf_sum') THEN
    CREATE ROLE tf_sum NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT;
  END IF;
  -- Owns the functions that keep house: they reach everybody's rows and return nobody's.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tf_job') THEN
    CREATE ROLE tf_job NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT;
  END IF;
  -- What the server runs as.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tf_app') THEN
    CREATE ROLE tf_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT;
  END IF;
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO tf_owner, tf_app', current_database());
END $$;
GRANT tf_door, tf_sum, tf_job TO tf_owner;
ALTER ROLE tf_app SET statement_timeout = '5s';
ALTER ROLE tf_app SET lock_timeout = '1s';
ALTER ROLE tf_app SET idle_in_transaction_session_timeout = '10s';
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS tf AUTHORIZATION tf_owner;
-- The migrations' own books, out of the server's reach.
CREATE SCHEMA IF NOT EXISTS tf_meta AUTHORIZATION tf_owner;
