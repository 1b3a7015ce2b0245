package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// rules are what must hold of the catalogue. Each query names what breaks its rule, and stays empty.
var rules = []struct{ fault, query string }{
	{"this role is a superuser, or gets around row-level security, or makes roles", `SELECT rolname FROM pg_roles
		WHERE rolname IN (current_user, session_user) AND (rolsuper OR rolbypassrls OR rolcreaterole)`},
	{"this role is a member of a role that can do more", `SELECT r.rolname FROM pg_roles r
		WHERE r.rolname NOT IN (current_user, 'pg_read_all_settings') AND pg_has_role(current_user, r.oid, 'MEMBER')`},
	{"this role owns something in the schema", `SELECT c.relname FROM pg_class c
		WHERE c.relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('tf', 'tf_meta')) AND pg_has_role(current_user, c.relowner, 'MEMBER')`},
	{"a role of tokenflexd gets around row-level security", `SELECT rolname FROM pg_roles
		WHERE rolname IN ('tf_owner', 'tf_door', 'tf_sum', 'tf_job', 'tf_app') AND (rolsuper OR rolbypassrls OR rolcreaterole)`},
	{"row-level security is not enabled and forced", `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'tf' AND c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)`},
	{"this role may write a table", `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname IN ('tf', 'tf_meta') AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND (
			has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
			OR has_any_column_privilege(c.oid, 'INSERT, UPDATE, REFERENCES'))`},
	{"a policy lets the server's role write", `SELECT c.relname || '.' || p.polname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'tf' AND p.polcmd <> 'r'
		AND EXISTS (SELECT FROM unnest(p.polroles) r WHERE r = 0 OR pg_has_role(current_user, nullif(r, 0), 'MEMBER'))`},
	{"this role may read a credential", `SELECT t.name FROM (VALUES ('mac_key', 'value'), ('secret', 'value'), ('tokens', 'secret'),
		('invites', 'secret'), ('sessions', 'secret'), ('identities', 'key'), ('passkeys', 'credential'), ('passkeys', 'public_key'), ('device_grants', 'device_code'), ('device_grants', 'user_code'), ('audit', 'detail'), ('prints', 'print'), ('quotas', 'k')) t(name, col)
		JOIN pg_class c ON c.relname = t.name JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'tf'
		WHERE has_column_privilege(c.oid, t.col, 'SELECT')`},
	{"this role may create things", `SELECT nspname FROM pg_namespace WHERE has_schema_privilege(oid, 'CREATE')
		UNION ALL SELECT 'database' WHERE has_database_privilege(current_database(), 'CREATE, TEMP')`},
	{"a function with its owner's rights has no search path of its own, or is everybody's", `SELECT p.proname FROM pg_proc p
		JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'tf' AND p.prosecdef AND (
			NOT EXISTS (SELECT FROM unnest(p.proconfig) c WHERE c LIKE 'search_path=%')
			OR EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0))`},
	{"the server's role may call what is the host's", `SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
		WHERE n.nspname = 'tf' AND has_function_privilege(p.oid, 'EXECUTE') AND p.proname IN ('enter_as', 'become', 'known', 'empty_inbox', 'seal', 'first_key', 'set_site',
			'add_user', 'add_invite', 'add_token', 'release_hold', 'release_copies', 'suspend', 'hold_cell', 'mint', 'new_device', 'stale_users', 'roll_up_user', 'rescore', 'settle', 'sum_months', 'sum_days', 'score_days',
			'restand', 'sum_account', 'sum_devices', 'print_elsewhere', 'mark_of', 'replay_erasures', 'open_session', 'hold_handle')`},
}

// Audit compares the catalogue with what keeps accounts apart and returns what is wrong, for the role that is connected.
func (s *Store) Audit(ctx context.Context) ([]string, error) {
	var faults []string
	for _, r := range rules {
		rows, err := s.pool.Query(ctx, r.query)
		names, err := collect(rows, err, func(r pgx.Rows, name *string) error { return r.Scan(name) })
		if err != nil {
			return nil, fmt.Errorf("audit the catalogue (%s): %w", r.fault, err)
		}
		if len(names) > 0 {
			faults = append(faults, fmt.Sprintf("%s: %s", r.fault, names[0]))
		}
	}
	return faults, nil
}

// Faults connects as the server would and returns what Audit finds.
func Faults(ctx context.Context, dsn string) ([]string, error) {
	s, err := connect(ctx, dsn, "", time.Now)
	if err != nil {
		return nil, err
	}
	defer s.pool.Close()
	if err := s.current(ctx); err != nil {
		return nil, err
	}
	return s.Audit(ctx)
}
