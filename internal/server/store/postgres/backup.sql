-- Run once by the cluster's administrator, in the database: a role that reads everything, for backups and nothing else.
--   tokenflexd migrate --backup-role | psql -v ON_ERROR_STOP=1 -d tokenflex
-- then give tf_backup a way to log in.
DO $$
BEGIN
  -- Row-level security would leave rows out of a dump; this role gets around it, can write nothing, and the server is no member.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tf_backup') THEN
    CREATE ROLE tf_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS;
  END IF;
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO tf_backup', current_database());
END $$;
GRANT pg_read_all_data TO tf_backup;
