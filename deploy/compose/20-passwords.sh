#!/bin/sh
# Run by PostgreSQL's image in a new database, after 10-roles.sql: gives the two roles that log in their passwords.
set -eu
export SECRETS="${SECRETS:-/run/secrets}"
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\set owner `cat "$SECRETS/owner_password"`
\set app `cat "$SECRETS/app_password"`
ALTER ROLE tf_owner PASSWORD :'owner';
ALTER ROLE tf_app PASSWORD :'app';
SQL
