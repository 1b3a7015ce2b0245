package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/storetest"
	"tokenflex.ing/internal/usage"
)

// twoAccounts makes mira, account 1, and adam, account 2, each with a device of the same number and a day.
func twoAccounts(t *testing.T) *Store {
	t.Helper()
	s := openTest(t)
	for i, handle := range []string{"mira", "adam"} {
		u, err := s.AddUser(t.Context(), handle, storetest.Noon)
		if err != nil {
			t.Fatal(err)
		}
		secret := store.HashOf(handle)
		n := store.NewToken{Secret: secret, ID: fmt.Sprintf("00000000-0000-0000-0000-00000000000%d", i), Hint: "abcd", Scope: "usage:write", At: storetest.Noon}
		if _, err := s.AddToken(t.Context(), u.ID, "laptop", n); err != nil {
			t.Fatal(err)
		}
		who, err := s.TokenActor(t.Context(), secret, storetest.Noon)
		if err != nil {
			t.Fatal(err)
		}
		day := usage.Day{Key: usage.Key{Date: "2026-11-23", Source: "codex", Model: "gpt-5", Tier: usage.Standard}, Requests: 1, Tokens: usage.Tokens{Input: 5}, Cost: 5, Priced: true}
		_, err = s.PutDays(t.Context(), who, store.Upload{Seq: 1, Days: []usage.Day{day}, Book: "b", At: storetest.Noon, Judge: storetest.NoHolds})
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // a slow step leaves the second for another
		if _, err := s.CatchUp(t.Context(), 1, allRested); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

const newRow = `(user_id, device_id, day, source, model, band, tier, requests, input, cache_read, cache_write_5m, cache_write_1h,
	output, reasoning, cost_uusd, priced, book, parser, first_seen_at) VALUES `

func values(user int, day, input string) string {
	return fmt.Sprintf("(%d, %d, '%s', 'codex', 'gpt-5', 0, 'standard', 1, %s, 0, 0, 0, 0, 0, 0, 1, 'b', 0, 0)", user, user, day, input)
}

// A bug in a statement, or an injection into one, that runs as mira cannot touch what is adam's.
func TestWritesStayWithTheirOwner(t *testing.T) {
	const mira, nobody = 1, 0
	s := twoAccounts(t)
	for _, tt := range []struct {
		name  string
		as    int64
		query string
		ok    bool
	}{
		{"no identity", nobody, "INSERT INTO usage_day " + newRow + values(1, "2026-11-22", "1"), false},
		{"no identity, an update", nobody, "UPDATE usage_day SET input = 9", false},
		{"no identity, a delete", nobody, "DELETE FROM usage_day", false},
		{"her own row", mira, "INSERT INTO usage_day " + newRow + values(1, "2026-11-22", "1"), true},
		{"her own row, again and higher", mira, "INSERT INTO usage_day " + newRow + values(1, "2026-11-22", "2") + " ON CONFLICT DO UPDATE SET input = max(input, excluded.input)", true},
		{"another's row", mira, "INSERT INTO usage_day " + newRow + values(2, "2026-11-22", "1"), false},
		{"a blanket update", mira, "UPDATE usage_day SET input = 9", false},
		{"a blanket delete", mira, "DELETE FROM usage_day", false},
		{"replacing another's row", mira, "REPLACE INTO usage_day " + newRow + values(2, "2026-11-23", "1"), false},
		{"taking a row over", mira, "UPDATE usage_day SET user_id = 1, device_id = 1, day = '2026-11-21' WHERE user_id = 2", false},
		{"giving a row away", mira, "UPDATE usage_day SET user_id = 2, device_id = 2, day = '2026-11-21' WHERE user_id = 1 AND day = '2026-11-22'", false},
		{"a negative count", mira, "INSERT INTO usage_day " + newRow + values(1, "2026-11-20", "-5"), false},
		{"text for a count", mira, "INSERT INTO usage_day " + newRow + values(1, "2026-11-20", "'<script>'"), false},
		{"a device of another", mira, "UPDATE usage_day SET device_id = 2 WHERE user_id = 1", false},
		{"publishing another", mira, "UPDATE users SET visibility = 2 WHERE id = 2", false},
		{"becoming another", mira, "UPDATE users SET id = 3 WHERE id = 1", false},
		{"erasing another", mira, "DELETE FROM users WHERE id = 2", false},
		{"a token for another", mira, "INSERT INTO tokens (secret, id, user_id, device_id, hint, scope, created_at) VALUES (randomblob(32), '00000000-0000-0000-0000-000000000009', 2, 2, 'abcd', 's', 0)", false},
		{"moving another's token", mira, "UPDATE tokens SET user_id = 1, device_id = 1 WHERE user_id = 2", false},
		{"a session for another", mira, "INSERT INTO sessions (secret, user_id, created_at, seen_at, expires_at, idle_s, id) VALUES (randomblob(32), 2, 0, 0, 9, 9, 'x')", false},
		{"an identity for another", mira, "INSERT INTO identities VALUES (randomblob(32), '00000000-0000-0000-0000-000000000008', 2, 'x', 0, NULL)", false},
		{"a passkey for another", mira, "INSERT INTO passkeys VALUES (randomblob(32), '00000000-0000-0000-0000-000000000008', 2, 'x', x'00', x'', '', 0, 0, 0, NULL)", false},
		{"a handle held in another's name", mira, "INSERT INTO held_handles VALUES (randomblob(32), 2, 9)", false},
		{"a link for another", mira, "INSERT INTO invites VALUES (randomblob(32), 2, 0, 9, NULL)", false},
		{"releasing another's hold", mira, "INSERT INTO holds VALUES (2, '2026-11-23', 'codex', 'x', 0, 0, 0, 1)", false},
		{"a score for another", mira, "UPDATE score SET tokens = 1", false},
		{"a debt for another", mira, "INSERT INTO due VALUES (2, 0, '2026-11-23')", false},
		{"a roll-up for another", mira, "UPDATE user_day SET input = 1", false},
		{"renaming another's device", mira, "UPDATE devices SET name = 'x'", false},
		{"a public account from nothing", mira, "INSERT INTO users (handle, visibility, created_at) VALUES ('eve', 2, 0)", false},
		{"an approved grant from nothing", mira, "INSERT INTO device_grants VALUES (randomblob(32), randomblob(32), 'x', '', '', 's', '', '', 0, 9, 5, 0, 'approved', 2, NULL)", false},
		{"rewriting the audit", mira, "UPDATE audit SET action = 'nothing'", false},
		{"clearing the audit", mira, "DELETE FROM audit", false},
		{"dropping a guard", mira, "DROP TRIGGER guard_usage_day_insert", false},
		{"a table of her own", mira, "CREATE TABLE x (a)", false},
		{"a trigger of her own", mira, "CREATE TRIGGER x AFTER INSERT ON usage_day BEGIN SELECT 1; END", false},
		{"another database", mira, "ATTACH ':memory:' AS u", false},
		{"a pragma", mira, "PRAGMA recursive_triggers = 0", false},
		{"erasing herself", mira, "DELETE FROM users WHERE id = 1", true},
	} {
		run := func(tx *sql.Tx) error {
			_, err := tx.ExecContext(t.Context(), tt.query)
			return err
		}
		err := s.anonymous(t.Context(), run)
		if tt.as != nobody {
			err = s.as(t.Context(), tt.as, run)
		}
		if (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	var adams, miras int
	if err := s.reader.QueryRowContext(t.Context(), "SELECT count(*) FILTER (WHERE user_id = 2 AND input = 5), count(*) FILTER (WHERE user_id = 1) FROM usage_day").Scan(&adams, &miras); err != nil {
		t.Fatal(err)
	}
	if adams != 1 || miras != 0 {
		t.Errorf("adam has %d rows of one, mira %d of none", adams, miras)
	}
}

// The handles for reading read nothing secret and write nothing at all.
func TestReadersAreFenced(t *testing.T) {
	s := twoAccounts(t)
	for name, db := range map[string]*sql.DB{"reader": s.reader, "door": s.door} {
		for _, query := range []string{
			"INSERT INTO users (handle, created_at) VALUES ('eve', 0)", "UPDATE ctx SET uid = 2", "DELETE FROM usage_day", "PRAGMA query_only = 0",
			"ATTACH ':memory:' AS u", "DROP TRIGGER guard_usage_day_insert", "CREATE TEMP TABLE x (a)", "SELECT uid FROM ctx",
		} {
			if _, err := db.ExecContext(t.Context(), query); err == nil {
				t.Errorf("%s: %s passed", name, query)
			}
		}
	}
	for _, tt := range []struct {
		name  string
		db    *sql.DB
		query string
		ok    bool
	}{
		{"figures", s.reader, "SELECT sum(input) FROM usage_day", true},
		{"tokens by the reader", s.reader, "SELECT secret FROM tokens", false},
		{"tokens inside another query", s.reader, "SELECT count(*) FROM (SELECT secret FROM tokens)", false},
		{"sessions by the reader", s.reader, "SELECT secret FROM sessions", false},
		{"passkeys by the reader", s.reader, "SELECT public_key FROM passkeys", false},
		{"identities by the reader", s.reader, "SELECT key FROM identities", false},
		{"links by the reader", s.reader, "SELECT secret FROM invites", false},
		{"codes by the reader", s.reader, "SELECT device_code FROM device_grants", false},
		{"the key by the reader", s.reader, "SELECT value FROM secret", false},
		{"tokens by the door", s.door, "SELECT secret FROM tokens", true},
		{"figures by the door", s.door, "SELECT sum(input) FROM usage_day", false},
	} {
		rows, err := tt.db.QueryContext(t.Context(), tt.query)
		if err == nil {
			err = rows.Err()
			rows.Close()
		}
		if (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// Another process, which knows nothing of all this, meets the triggers all the same.
func TestOtherProcessesAreFenced(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.db")
	s, err := Open(t.Context(), file, noon)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.AddUser(t.Context(), "mira", storetest.Noon); err != nil {
		t.Fatal(err)
	}
	plain := openOwner(file)
	defer plain.Close()
	for _, query := range []string{"UPDATE users SET visibility = 2", "INSERT INTO devices (user_id, name, created_at) VALUES (1, 'x', 0)"} {
		_, err := plain.ExecContext(t.Context(), query)
		if err == nil || !strings.Contains(err.Error(), "deny") {
			t.Errorf("%s: %v", query, err)
		}
	}
}

// Every table that names an owner is guarded, and every guard stands as it is meant.
func TestEveryOwnedTableIsGuarded(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.db")
	s, err := Open(t.Context(), file, noon)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	owner := openOwner(file)
	defer owner.Close()
	rows, err := owner.QueryContext(t.Context(), `SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'user_id'`)
	tables, err := collect(rows, err, func(r *sql.Rows, name *string) error { return r.Scan(name) })
	if err != nil {
		t.Fatal(err)
	}
	tables = slices.DeleteFunc(tables, func(name string) bool { return name == "device_grants" || name == "audit" }) // guarded in their own way
	slices.Sort(tables)
	want := slices.Sorted(slices.Values(owned))
	if diff := cmp.Diff(want, tables); diff != "" {
		t.Errorf("owned tables (-listed +in the schema):\n%s", diff)
	}
	tx, err := owner.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	standing, err := triggers(t.Context(), tx)
	if diff := cmp.Diff(guards(), standing); diff != "" || err != nil {
		t.Errorf("%v triggers (-meant +standing):\n%s", err, diff)
	}
	var loose int
	if err := tx.QueryRowContext(t.Context(), `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%STRICT%'
		AND name NOT LIKE 'sqlite_%' AND name <> 'goose_db_version'`).Scan(&loose); err != nil || loose != 0 {
		t.Errorf("%d tables are not STRICT: %v", loose, err)
	}
}

// A guard that somebody took down stands again when the server starts.
func TestGuardsAreRaisedAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.db")
	s, err := Open(t.Context(), file, noon)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	owner := openOwner(file)
	if _, err := owner.ExecContext(t.Context(), "DROP TRIGGER guard_users_update; INSERT INTO users (handle, created_at) VALUES ('mira', 0)"); err != nil {
		t.Fatal(err)
	}
	if _, err := owner.ExecContext(t.Context(), "UPDATE users SET visibility = 2"); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(t.Context(), file, noon); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := owner.ExecContext(t.Context(), "UPDATE users SET visibility = 1"); err == nil {
		t.Error("the guard is still down")
	}
	owner.Close()
}

// The server and its admin commands open one file at the same time, also when it is new.
func TestOpeningAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.db")
	opened := make(chan error)
	for range 4 {
		go func() {
			s, err := Open(context.Background(), file, noon)
			if err == nil {
				_, err = s.Secret(context.Background(), "server")
				s.Close()
			}
			opened <- err
		}()
	}
	for range 4 {
		if err := <-opened; err != nil {
			t.Error(err)
		}
	}
}

func TestNewerSchemasAreRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.db")
	s, err := Open(t.Context(), file, noon)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	owner := openOwner(file)
	if _, err := owner.ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)"); err != nil {
		t.Fatal(err)
	}
	owner.Close()
	if _, err := Open(t.Context(), file, noon); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("error %v", err)
	}
}

// What a guard refuses takes all that its transaction wrote back, also where nobody looks at the error. Fails where a guard that comes after
// the row ends the statement alone, or nothing.
func TestARefusedUpdateEndsItsTransaction(t *testing.T) {
	s := twoAccounts(t)
	for _, table := range []string{"usage_day", "prints", "tallies", "due", "devices"} {
		err := s.as(t.Context(), 1, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(t.Context(), "UPDATE devices SET name = 'mine' WHERE user_id = 1 AND id = 1"); err != nil {
				return err
			}
			if table == "due" {
				if _, err := tx.ExecContext(t.Context(), "INSERT INTO due VALUES (1, 0, '2026-11-23', 0)"); err != nil {
					return err
				}
			}
			if _, err := tx.ExecContext(t.Context(), "UPDATE OR FAIL "+table+" SET user_id = 2 WHERE user_id = 1"); err == nil && table != "prints" {
				t.Errorf("%s: a row was given away", table)
			}
			tx.ExecContext(t.Context(), "UPDATE OR FAIL usage_day SET input = input + 1")
			return nil
		})
		if err == nil {
			t.Errorf("%s: the transaction was committed", table)
		}
	}
	var changed int
	if err := s.reader.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM devices WHERE name = 'mine') + (SELECT count(*) FROM due)
		+ (SELECT count(*) FROM usage_day WHERE input <> 5)`).Scan(&changed); err != nil || changed != 0 {
		t.Errorf("%d rows were changed, error %v", changed, err)
	}
}
