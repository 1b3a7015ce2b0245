package postgres_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/postgres"
	"tokenflex.ing/internal/server/store/postgres/pgtest"
	"tokenflex.ing/internal/server/store/storetest"
	"tokenflex.ing/internal/usage"
)

// twoAccounts makes mira, private, and adam, public, each with a device and a day.
func twoAccounts(t *testing.T) (pgtest.Service, string) {
	t.Helper()
	name := cluster.Database(t)
	s := serve(t, name)
	for i, handle := range []string{"mira", "adam"} {
		u, err := s.AddUser(t.Context(), handle, storetest.Noon)
		if err != nil {
			t.Fatal(err)
		}
		n := store.NewToken{Secret: store.HashOf(handle), ID: fmt.Sprintf("00000000-0000-0000-0000-00000000000%d", i), Hint: "abcd", Scope: "usage:write", At: storetest.Noon}
		if _, err := s.AddToken(t.Context(), u.ID, "laptop", n); err != nil {
			t.Fatal(err)
		}
		who, err := s.TokenActor(t.Context(), n.Secret, storetest.Noon)
		if err != nil {
			t.Fatal(err)
		}
		if handle == "adam" {
			if err := s.SetVisibility(t.Context(), who, store.Public); err != nil {
				t.Fatal(err)
			}
		}
		day := usage.Day{Key: usage.Key{Date: "2026-11-23", Source: "codex", Model: "gpt-5", Tier: usage.Standard}, Requests: 1, Tokens: usage.Tokens{Input: 5}, Cost: 5, Priced: true}
		if _, err := s.PutDays(t.Context(), who, store.Upload{Seq: 1, Days: []usage.Day{day}, Book: "b", At: storetest.Noon, Judge: storetest.NoHolds}); err != nil {
			t.Fatal(err)
		}
	}
	return s, name
}

func dial(t *testing.T, role, database string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), cluster.DSN(role, database))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(background) })
	return c
}

// emptyInboxes makes rows of everything that was sent.
const emptyInboxes = "SELECT tf.empty_inbox(user_id) FROM (SELECT user_id FROM tf.inbox ORDER BY user_id) x"

const enterMira = "SELECT tf.enter(sha256('mira'), 0); "

// putAtOnce is an upload of one row through one door.
func putAtOnce(device, known int) string {
	return fmt.Sprintf(`SELECT tf.put_upload(%d, '{2026-11-20}', '{codex}', '{gpt-5}', '{standard}', '{0,1,5,0,0,0,0,0,5,1,0,0}', %d, '{2026-11-20}', 'b',
		'{1,0,0,1,5,0,0,0,0,0,5,0,1}', '2026-11-20', NULL, '{}', '{}', '{}', '{}', '{gpt-5}', '{gpt}', '{2026-11-20}', 10, 2, sha256('x'), '{}', 0, '', '')`, device, known)
}

// nextUpload is an upload of one row as the next of a device whose last is said to be 1.
func nextUpload(token, handle string, device int) string {
	return fmt.Sprintf(`SELECT tf.next_upload(sha256('%s'), '%s', %d::smallint, 1, '{}', '{}', '{}', '{}', 0, %d,
		E'1 0 0 1 5000 0 0 0 0 0 5 0 1 2026-11-23\n2026-11-23 codex gpt-5 standard 0 1 5000 0 0 0 0 0 5 1 0 0', 'b', '{}', '{}', '{}', '{}', '{}', '{}', '{2026-11-23}', '{2026-11-23}', 10, 2,
		sha256('x'), '{}', %d, '', '')`, token, handle, map[string]int{"mira": 0, "adam": 2}[handle], device, storetest.Noon.Unix())
}

// The next upload is of the account whose token is shown, whatever else is said. Fails where the door takes the device's word for it.
func TestTheNextUploadWritesItsOwn(t *testing.T) {
	_, name := twoAccounts(t)
	c := dial(t, postgres.App, name)
	for _, tt := range []struct {
		name, sql string
		took      bool
		want      string // tokens of mira and adam
	}{
		{"of another's device", nextUpload("mira", "mira", 2), false, "5 5"},
		{"as somebody else", nextUpload("mira", "adam", 2), false, "5 5"},
		{"with another's identity set", "SELECT tf.enter(sha256('adam'), 0); " + nextUpload("mira", "mira", 2), false, "5 5"},
		{"of its own", nextUpload("mira", "mira", 1), true, "5000 5"},
		{"of its own once more", nextUpload("mira", "mira", 1), false, "5000 5"},
	} {
		all, err := c.PgConn().Exec(t.Context(), tt.sql).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		took := string(all[len(all)-1].Rows[0][0]) != "0"
		cluster.Exec(t, name, emptyInboxes)
		var have string
		if err := dial(t, "postgres", name).QueryRow(t.Context(), "SELECT string_agg(input::text, ' ' ORDER BY user_id) FROM tf.usage_day").Scan(&have); err != nil || took != tt.took || have != tt.want {
			t.Errorf("%s: taken: %v, tokens %s, want %s: %v", tt.name, took, have, tt.want, err)
		}
	}
}

// What the doors of an upload tell is of the account that entered. Fails where they ask by the account's number alone.
func TestUploadsReadTheirOwn(t *testing.T) {
	_, name := twoAccounts(t)
	c := dial(t, postgres.App, name)
	for user, want := range map[int]int{1: 1, 2: 0} {
		tx, err := c.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var own, rows, sums, near int
		err = tx.QueryRow(t.Context(), "SELECT o_user, o_sums[1], cardinality(o_near_days) FROM tf.open_upload(sha256('mira'), 1, 0, NULL, NULL, NULL, NULL, 0, 46, '2026-01-01', '2026-12-31', '2026-12-31')").
			Scan(&own, &sums, &near)
		if err == nil {
			err = tx.QueryRow(t.Context(), "SELECT count(*) FROM tf.upload_rows($1, '2026-01-01', '2026-12-31')", user).Scan(&rows)
		}
		if err != nil || own != 1 || rows != want || sums != 1 || near != 1 {
			t.Errorf("of account %d, account %d reads %d rows; of its own a sum of %d and %d days, want %d: %v", user, own, rows, sums, near, want, err)
		}
		tx.Rollback(t.Context())
	}
}

// What an injection into the server's statements could try. As a superuser all but what checks and doors refuse would pass.
func TestTheServersRoleIsFenced(t *testing.T) {
	_, name := twoAccounts(t)
	cluster.Exec(t, name, `INSERT INTO tf.tokens (secret, id, user_id, device_id, hint, scope, created_at, expires_at, revoked_at) VALUES
		(sha256('revoked'), '00000000-0000-0000-0000-00000000000a', 1, 1, 'abcd', 'usage:write', 0, NULL, 5),
		(sha256('ended'), '00000000-0000-0000-0000-00000000000b', 1, 1, 'abcd', 'usage:write', 0, 10, NULL);
		INSERT INTO tf.sessions (secret, user_id, created_at, seen_at, expires_at, idle_s) VALUES
		(sha256('over'), 1, 0, 9, 10, 99), (sha256('idle'), 1, 0, 5, 99, 5)`)
	c := dial(t, postgres.App, name)
	for _, tt := range []struct{ name, sql, want string }{
		{"adding a row, entered", enterMira + "INSERT INTO tf.user_day SELECT * FROM tf.user_day", "permission denied"},
		{"changing rows", "UPDATE tf.usage_day SET input = 9", "permission denied"},
		{"deleting rows", "DELETE FROM tf.usage_day", "permission denied"},
		{"publishing somebody", "UPDATE tf.users SET visibility = 2", "permission denied"},
		{"emptying a table", "TRUNCATE tf.usage_day", "permission denied"},
		{"tokens", "SELECT * FROM tf.tokens", "permission denied"},
		{"hashes of tokens", "SELECT secret FROM tf.tokens", "permission denied"},
		{"hashes of sessions", "SELECT secret FROM tf.sessions", "permission denied"},
		{"links", "SELECT secret FROM tf.invites", "permission denied"},
		{"codes", "SELECT user_code FROM tf.device_grants", "permission denied"},
		{"the server's key", "SELECT * FROM tf.secret", "permission denied"},
		{"the key of the seals", "SELECT * FROM tf.mac_key", "permission denied"},
		{"the audit", "SELECT * FROM tf.audit", "permission denied"},
		{"a partition", "SELECT * FROM tf.usage_day_p0", "permission denied"},
		{"the migrations' books", "SELECT * FROM tf_meta.goose_db_version", "permission denied"},
		{"becoming the owner", "SET ROLE tf_owner", "permission denied"},
		{"becoming the door", "SET ROLE tf_door", "permission denied"},
		{"switching row security off", "SET LOCAL row_security = off; SELECT * FROM tf.usage_day", "row-level security"},
		{"disabling it", "ALTER TABLE tf.usage_day DISABLE ROW LEVEL SECURITY", "must be owner"},
		{"a table to shadow", "CREATE TEMP TABLE usage_day (x int)", "permission denied"},
		{"a table of its own", "CREATE TABLE tf.x (x int)", "permission denied"},
		{"another's identity", "SELECT tf.enter_as(1)", "permission denied"},
		{"a seal", "SELECT tf.seal(1)", "permission denied"},
		{"an unknown token", "SELECT tf.enter(sha256('nope'), 0)", "unauthorized"},
		{"no token", "SELECT tf.enter(NULL, 0)", "unauthorized"},
		{"who somebody is elsewhere", "SELECT key FROM tf.identities", "permission denied"},
		{"passkeys", "SELECT public_key FROM tf.passkeys", "permission denied"},
		{"handles that are held", "SELECT * FROM tf.held_handles", "permission denied"},
		{"a session for somebody", enterMira + "SELECT tf.open_session(sha256('x'), 'x', 'link', '', 0, 9, 9)", "permission denied"},
		{"a session by a guess", "SELECT tf.sign_in_by(sha256('guess'), '', sha256('x'), 'x', 'x', '', 0, 9, 9)", "refused"},
		{"a session by a guessed passkey", "SELECT tf.sign_in_by_passkey('guess', 0, 0, '', sha256('x'), 'x', 'x', '', 0, 9, 9)", "refused"},
		{"a token by a device's", enterMira + "SELECT tf.mint_own(sha256('mira'), 600, 'x', sha256('x'), '00000000-0000-0000-0000-000000000009', 'abcd', 'account', 0, NULL)", "refused"},
		{"a token by the host's door", enterMira + "SELECT tf.add_token('x', sha256('x'), '00000000-0000-0000-0000-000000000009', 'abcd', 'account', 0, NULL)", "permission denied"},
		{"an account by the host's door", "SELECT tf.add_user('eve', 0)", "permission denied"},
		{"a hold on a handle", "SELECT tf.hold_handle('adam', 1, 9)", "permission denied"},
		{"an identity without one", "SELECT tf.link_identity(sha256('x'), '00000000-0000-0000-0000-000000000009', 'x', 0)", "refused"},
		{"a link for somebody", enterMira + "SELECT tf.add_invite(sha256('x'), 0, 9)", "permission denied"},
		{"releasing a hold", enterMira + "SELECT tf.release_hold('2026-11-23', 'codex', 0)", "permission denied"},
		{"moving the site", "SELECT tf.set_site('https://evil.example')", "permission denied"},
		{"writing without identity", "SELECT tf.put_rows(1, '[]', '[]', 'b', 0)", "refused"},
		{"writing to another's device", enterMira + "SELECT tf.put_rows(2, '[" + line + "]', '[]', 'b', 0)", "foreign key"},
		{"an upload by an unknown token", "SELECT tf.open_upload(sha256('nope'), 1, 0, NULL, NULL, NULL, NULL, 0, 46, '', '', '')", "unauthorized"},
		{"an upload to another's device, opened", "SELECT tf.open_upload(sha256('mira'), 2, 0, NULL, NULL, NULL, NULL, 0, 46, '', '', '')", "refused"},
		{"a next upload by an unknown token", nextUpload("nope", "mira", 1), "unauthorized"},
		{"a next upload by a revoked token", nextUpload("revoked", "mira", 1), "unauthorized"},
		{"an upload at once without identity", putAtOnce(1, 0), "refused"},
		{"an upload at once to another's device", enterMira + putAtOnce(2, 0), "foreign key"},
		{"an upload at once over another's rows", enterMira + putAtOnce(2, 1), "rows have changed"},
		{"what rows add up to", enterMira + "SELECT tf.sum_account(2, 46)", "permission denied"},
		{"what devices' rows add up to", enterMira + "SELECT tf.sum_devices(2)", "permission denied"},
		{"whose print it is", enterMira + "SELECT tf.print_elsewhere(1, '{2026-11-20}', ARRAY[sha256('x')])", "permission denied"},
		{"a negative count", enterMira + put(`"input":5`, `"input":-5`), "check constraint"},
		{"too much", enterMira + put(`"input":5`, `"input":2000000000000`), "check constraint"},
		{"more reasoning than output", enterMira + put(`"reasoning":0`, `"reasoning":1`), "check constraint"},
		{"too dear", enterMira + put(`"cost_uusd":5`, `"cost_uusd":99999`), "check constraint"},
		{"markup for a model", enterMira + put("gpt-5", "<img src=x onerror=alert(1)>"), "check constraint"},
		{"no rows", enterMira + "SELECT tf.put_rows(1, NULL, '[]', 'b', 0)", "rows"},
		{"5001 rows", enterMira + "SELECT tf.put_rows(1, (SELECT jsonb_agg('{}'::jsonb) FROM generate_series(1, 5001)), '[]', 'b', 0)", "rows"},
		{"a key twice", enterMira + "SELECT tf.put_rows(1, '[" + line + "," + line + "]', '[]', 'b', 0)", "cannot affect row a second time"},
		{"no number", enterMira + "SELECT tf.remember(1, NULL, sha256('x'), '{}', 0, '', '')", "refused"},
		{"an older number", enterMira + "SELECT tf.remember(1, 1, sha256('x'), '{}', 0, '', '')", "refused"},
		{"prints", "SELECT print FROM tf.prints", "permission denied"},
		{"a print for another's device", enterMira + `SELECT tf.put_prints(2, ('[{"day":"2026-11-20","source":"codex","print":"' || repeat('00', 32) || '"}]')::jsonb, 0)`, "foreign key"},
		{"a copy on another's device", enterMira + `SELECT tf.put_copies('[{"device":2,"day":"2026-11-20","source":"codex"}]', '[]', 0)`, "foreign key"},
		{"a sketch for another's device", enterMira + `SELECT tf.put_prints(2, ('[{"day":"2026-11-20","source":"codex","sketch":"AAAAAAAA","user_id":2,"print":"' || repeat('00', 32) || '"}]')::jsonb, 0)`, "foreign key"},
		{"half a mark", enterMira + `SELECT tf.put_prints(1, ('[{"day":"2026-11-20","source":"codex","sketch":"AAAA","print":"' || repeat('00', 32) || '"}]')::jsonb, 0)`, "check constraint"},
		{"a share of more than all", enterMira + `SELECT tf.put_copies('[{"device":1,"day":"2026-11-20","source":"codex","share":101}]', '[]', 0)`, "check constraint"},
		{"copies without identity", `SELECT tf.put_copies('[]', '[]', 0)`, "refused"},
		{"prints without identity", `SELECT tf.put_prints(1, '[]', 0)`, "refused"},
		{"letting copies count", enterMira + "SELECT tf.release_copies('2026-11-20', 'codex', 0)", "permission denied"},
		{"quotas", "SELECT * FROM tf.quotas", "permission denied"},
		{"emptying quotas", "DELETE FROM tf.quotas", "permission denied"},
		{"a revoked token", "SELECT tf.enter(sha256('revoked'), 0)", "unauthorized"},
		{"a token that ended", "SELECT tf.enter(sha256('ended'), 10)", "unauthorized"},
		{"a session that is over", "SELECT tf.enter(sha256('over'), 10)", "unauthorized"},
		{"a session that nobody used", "SELECT tf.enter(sha256('idle'), 10)", "unauthorized"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tx, err := c.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback(background)
			if _, err = tx.Exec(t.Context(), tt.sql); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

const line = `{"day":"2026-11-20","source":"codex","model":"gpt-5","band":0,"tier":"standard","requests":1,"input":5,"cache_read":0,` +
	`"cache_write_5m":0,"cache_write_1h":0,"output":0,"reasoning":0,"cost_uusd":5,"priced":true,"user_id":2,"device_id":2,"held":true}`

func put(old, changed string) string {
	return "SELECT tf.put_rows(1, '[" + strings.Replace(line, old, changed, 1) + "]', '[]', 'b', 0)"
}

// A statement that is put together from what a stranger sent: the fault that all of this is there for. Whatever the string does,
// it finds public handles alone, or is refused. Fails with a role that is not fenced.
func TestInjectedStrings(t *testing.T) {
	_, name := twoAccounts(t)
	look := func(c *pgx.Conn, injected string) (found []string, err error) {
		results, err := c.PgConn().Exec(t.Context(), "BEGIN; SELECT handle FROM tf.users WHERE handle = '"+injected+"'").ReadAll()
		for _, r := range results {
			for _, row := range r.Rows {
				found = append(found, string(row[0]))
			}
		}
		c.Exec(t.Context(), "ROLLBACK")
		return found, err
	}
	attacks := []string{
		"' OR true --",
		"' UNION SELECT handle FROM tf.users --",
		"' UNION SELECT user_id || ' ' || model FROM tf.usage_day --",
		"' UNION SELECT user_id || ' ' || day FROM tf.user_day --",
		"' UNION SELECT user_id || ' ' || name FROM tf.devices --",
		"' UNION SELECT user_id || ' ' || hint FROM tf.tokens --",
		"' UNION SELECT encode(secret, 'hex') FROM tf.tokens --",
		"' UNION SELECT encode(value, 'hex') FROM tf.secret --",
		"' UNION SELECT detail FROM tf.audit --",
		"'; UPDATE tf.users SET visibility = 2; SELECT handle FROM tf.users --",
		"'; SET LOCAL tf.identity = '1'; SELECT model FROM tf.usage_day WHERE user_id = 1 --",
		"'; SET ROLE tf_owner; SELECT handle FROM tf.users --",
		"'; SET LOCAL row_security = off; SELECT model FROM tf.usage_day --",
		"' UNION SELECT o_day FROM tf.shared_cells('0', '9', 1) --",
		"' UNION SELECT o_day FROM tf.compare(1, '[]', 0) --",
		"'; SELECT tf.put_rows(1, '[" + line + "]', '[]', 'b', 0) --",
		"'; COPY tf.users TO PROGRAM 'cat' --",
		"' UNION SELECT pg_read_file('/etc/passwd') --",
	}
	c := dial(t, postgres.App, name)
	for _, injected := range attacks {
		found, err := look(c, injected)
		for _, text := range found {
			if text != "adam" && !strings.HasPrefix(text, "2 ") {
				t.Errorf("%s finds %q", injected, text)
			}
		}
		if err == nil && strings.Contains(injected, "secret") {
			t.Errorf("%s is not refused", injected)
		}
	}
	// The same by somebody who is not fenced finds mira, so the strings do what they say.
	found, err := look(dial(t, "postgres", name), attacks[1])
	if err != nil || len(found) != 2 {
		t.Errorf("a superuser finds %v: %v", found, err)
	}
}

// Whose rows a transaction sees: nobody's without a secret's hash, whatever it sets.
func TestIdentityCannotBeForged(t *testing.T) {
	_, name := twoAccounts(t)
	c := dial(t, postgres.App, name)
	var captured string
	count := func(what, setup string, want int) {
		t.Helper()
		tx, err := c.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(background)
		if _, err := tx.Exec(t.Context(), setup); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		var got int
		var identity *string
		err = tx.QueryRow(t.Context(), "SELECT count(*), current_setting('tf.identity', true) FROM tf.usage_day WHERE user_id = 1").Scan(&got, &identity)
		if err != nil || got != want {
			t.Errorf("%s: sees %d rows of mira, want %d: %v", what, got, want, err)
		}
		if identity != nil && captured == "" {
			captured = *identity
		}
	}
	count("nobody", "SELECT 1", 0)
	count("mira by her token", enterMira, 1)
	count("afterwards", "SELECT 1", 0)
	count("adam by his token", "SELECT tf.enter(sha256('adam'), 0)", 0)
	count("a bare id", "SET LOCAL tf.identity = '1'", 0)
	count("a made-up seal", "SET LOCAL tf.identity = '1."+strings.Repeat("0", 64)+"'", 0)
	count("a captured seal", "SELECT set_config('tf.identity', '"+captured+"', true)", 0)
	count("a captured seal for the session", "SET tf.identity = '"+captured+"'", 0)
	count("entering again as adam", enterMira+"SELECT tf.enter(sha256('adam'), 0)", 0)
	// A smuggled owner, device and hold have no effect: the row is mira's.
	count("a smuggled owner", enterMira+put("", ""), 2)
}

// Each table that the server's role may read, as somebody else and as nobody: none shows a row of a private account. Fails where one
// table's policy lets everything pass.
func TestNoTableShowsAnothersRows(t *testing.T) {
	s, name := twoAccounts(t)
	if _, err := s.CatchUp(t.Context(), 9, storetest.Noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	cluster.Exec(t, name, `SET session_replication_role = replica;
		INSERT INTO tf.holds VALUES (1, '2026-11-23', 'codex', 'host', 0, 5, 0);
		INSERT INTO tf.copies VALUES (1, 1, '2026-11-23', 'codex', 0);
		INSERT INTO tf.prints VALUES (1, 1, '2026-11-23', 'codex', sha256('p'), 0);
		INSERT INTO tf.sessions (secret, user_id, created_at, seen_at, expires_at, idle_s) VALUES (sha256('s'), 1, 0, 9, 10, 99);
		INSERT INTO tf.identities VALUES (sha256('i'), '00000000-0000-0000-0000-00000000000c', 1, 'https://issuer.example', 0);
		INSERT INTO tf.passkeys VALUES ('p', '00000000-0000-0000-0000-00000000000d', 1, 'phone', 'k', '', '', 0, 0, 0)`)
	god, c := dial(t, "postgres", name), dial(t, postgres.App, name)
	rows, err := god.Query(t.Context(), `SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = 'tf'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attname = 'user_id'
		AND has_column_privilege('tf_app', c.oid, a.attnum, 'SELECT') ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 9 {
		t.Fatalf("%q, %v", tables, err)
	}
	count := func(c *pgx.Conn, enter, table string) (n int) {
		t.Helper()
		tx, err := c.Begin(t.Context())
		if err == nil {
			defer tx.Rollback(background)
			if _, err = tx.Exec(t.Context(), enter); err == nil {
				err = tx.QueryRow(t.Context(), "SELECT count(*) FROM tf."+table+" WHERE user_id = 1").Scan(&n)
			}
		}
		if err != nil {
			t.Errorf("%s: %v", table, err)
		}
		return n
	}
	for _, table := range tables {
		if count(god, "SELECT 1", table) == 0 {
			t.Errorf("%s has no row of mira's: nothing is tested of it", table)
		}
		if n := count(c, enterMira, table); n == 0 {
			t.Errorf("%s shows mira none of her own", table)
		}
		for _, enter := range []string{"SELECT 1", "SELECT tf.enter(sha256('adam'), 0)"} {
			if n := count(c, enter, table); n != 0 {
				t.Errorf("%s: %s shows %d rows of mira's", enter, table, n)
			}
		}
	}
}

// Of a suspended account, public though it was, the server's role sees nothing.
func TestSuspendedAccountsAreSeenByNobody(t *testing.T) {
	_, name := twoAccounts(t)
	c := dial(t, postgres.App, name)
	for state, want := range []int{1, 0, 0} {
		cluster.Exec(t, name, fmt.Sprintf("UPDATE tf.users SET state = %d", state))
		var n int
		if err := c.QueryRow(t.Context(), "SELECT count(*) FROM tf.users").Scan(&n); err != nil || n != want {
			t.Errorf("state %d: sees %d accounts, want %d: %v", state, n, want, err)
		}
	}
}

// Of two polls at the same moment the second waits for the first, and finds the code used up. Fails without the lock on the grant.
func TestPollsWaitForEachOther(t *testing.T) {
	_, name := twoAccounts(t)
	cluster.Exec(t, name, `INSERT INTO tf.device_grants (device_code, user_code, name, os, client, scope, address, network, created_at, expires_at, interval_s, state, user_id)
		VALUES (sha256('code'), sha256('user'), 'phone', '', '', 'usage:write', '', '', 0, 600, 5, 'approved', 1)`)
	poll := func(tx pgx.Tx, n int) (state string, err error) {
		err = tx.QueryRow(t.Context(), `SELECT o_state FROM tf.poll_grant(sha256('code'), 0, 5, sha256($1), '00000000-0000-0000-0000-00000000000'||$2, 'abcd', NULL)`,
			fmt.Sprint(n), fmt.Sprint(n)).Scan(&state)
		return state, err
	}
	var open [2]pgx.Tx
	for i := range open {
		c := dial(t, postgres.App, name)
		tx, err := c.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		open[i] = tx
	}
	if state, err := poll(open[0], 8); state != "minted" {
		t.Fatal(state, err)
	}
	second := make(chan string)
	go func() {
		state, err := poll(open[1], 9)
		second <- fmt.Sprint(state, " ", err)
	}()
	god := dial(t, "postgres", name)
	for waiting := false; !waiting; {
		if err := god.QueryRow(t.Context(), "SELECT coalesce(bool_or(wait_event_type = 'Lock'), false) FROM pg_stat_activity WHERE pid = $1", open[1].Conn().PgConn().PID()).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
		select {
		case said := <-second:
			t.Fatalf("the second poll does not wait: %s", said)
		default:
		}
	}
	if err := open[0].Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if said := <-second; said != "unknown <nil>" {
		t.Errorf("the second poll is told %s", said)
	}
	open[1].Rollback(background)
}

// The owner is bound too, and nobody rewrites the audit.
func TestTheOwnerIsBoundToo(t *testing.T) {
	_, name := twoAccounts(t)
	var n int
	if err := dial(t, postgres.Owner, name).QueryRow(t.Context(), "SELECT count(*) FROM tf.usage_day WHERE user_id = 1").Scan(&n); err != nil || n != 0 {
		t.Errorf("the owner sees %d rows of a private account: %v", n, err)
	}
	if _, err := dial(t, "postgres", name).Exec(t.Context(), "UPDATE tf.audit SET action = 'x'"); err == nil || !strings.Contains(err.Error(), "append-only") {
		t.Errorf("the audit was rewritten: %v", err)
	}
}

// The server refuses to run where the rules do not hold, and the audit says which.
func TestUnsafeDatabasesAreRefused(t *testing.T) {
	name := cluster.Database(t)
	if faults, err := postgres.Faults(t.Context(), cluster.DSN(postgres.App, name)); err != nil || len(faults) > 0 {
		t.Fatalf("a new database has faults %v, %v", faults, err)
	}
	for _, role := range []string{postgres.Owner, "postgres"} {
		if s, err := postgres.Open(t.Context(), cluster.DSN(role, name), noon); err == nil {
			s.Close()
			t.Errorf("served as %s", role)
		}
	}
	for _, tt := range []struct{ name, sql, undo string }{
		{"row security off", "ALTER TABLE tf.holds DISABLE ROW LEVEL SECURITY", "ALTER TABLE tf.holds ENABLE ROW LEVEL SECURITY"},
		{"not forced", "ALTER TABLE tf.usage_day_p3 NO FORCE ROW LEVEL SECURITY", "ALTER TABLE tf.usage_day_p3 FORCE ROW LEVEL SECURITY"},
		{"a write grant", "GRANT UPDATE (visibility) ON tf.users TO tf_app", "REVOKE UPDATE (visibility) ON tf.users FROM tf_app"},
		{"a write policy", "CREATE POLICY x ON tf.users FOR UPDATE TO PUBLIC USING (true)", "DROP POLICY x ON tf.users"},
		{"a credential", "GRANT SELECT ON tf.sessions TO tf_app", "REVOKE SELECT ON tf.sessions FROM tf_app"},
		{"everybody's function", "GRANT EXECUTE ON FUNCTION tf.uid() TO PUBLIC", "REVOKE EXECUTE ON FUNCTION tf.uid() FROM PUBLIC"},
		{"the host's function", "GRANT EXECUTE ON FUNCTION tf.enter_as TO tf_app", "REVOKE EXECUTE ON FUNCTION tf.enter_as FROM tf_app"},
		{"membership", "GRANT tf_door TO tf_app", "REVOKE tf_door FROM tf_app"},
		{"temporary tables", "GRANT TEMP ON DATABASE " + name + " TO tf_app", "REVOKE TEMP ON DATABASE " + name + " FROM tf_app"},
		{"no search path", "ALTER FUNCTION tf.uid() RESET ALL", "ALTER FUNCTION tf.uid() SET search_path = pg_catalog, pg_temp"},
	} {
		cluster.Exec(t, name, tt.sql)
		if s, err := postgres.Open(t.Context(), cluster.DSN(postgres.App, name), noon); err == nil {
			s.Close()
			t.Errorf("served with %s", tt.name)
		}
		cluster.Exec(t, name, tt.undo)
	}
	serve(t, name)
}
