package postgres_test

import (
	"strings"
	"testing"

	"tokenflex.ing/internal/server/store/postgres"
)

// Who may do what, what comes first, and which program is too old, is said where somebody goes wrong.
func TestWrongTurnsAreSaid(t *testing.T) {
	name := cluster.Database(t)
	cluster.Exec(t, "postgres", "CREATE DATABASE bare")
	open := func(dsn string) error {
		s, err := postgres.OpenHost(t.Context(), dsn, noon)
		if err == nil {
			s.Close()
		}
		return err
	}
	says := func(what string, err error, want ...string) {
		t.Helper()
		for _, w := range want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v; no word of %q", what, err, w)
			}
		}
	}
	says("migrating as the server's role", postgres.Migrate(t.Context(), cluster.DSN(postgres.App, name)), "name the owner", "tf_owner")
	says("the host's commands as the server's role", open(cluster.DSN(postgres.App, name)), "name the owner", "tf_owner")
	says("migrating before there is a schema", postgres.Migrate(t.Context(), cluster.DSN(postgres.Owner, "bare")), "tokenflexd migrate --roles")
	says("backing up as the server's role", postgres.Backup(t.Context(), cluster.DSN(postgres.App, name), t.TempDir()+"/x"), "migrate --backup-role")
	cluster.Exec(t, name, "CREATE OR REPLACE FUNCTION tf.version() RETURNS bigint LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS 'SELECT 9999::bigint'")
	says("a newer schema", open(cluster.DSN(postgres.Owner, name)), "9999", "use the newer tokenflexd")
	cluster.Exec(t, name, "INSERT INTO tf_meta.goose_db_version (version_id, is_applied) VALUES (9999, true)")
	_, err := postgres.Pending(t.Context(), cluster.DSN(postgres.Owner, name))
	says("what is pending of a newer schema", err, "use the newer tokenflexd")
}
