package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// cast makes two accounts with a token, a session and a day each, through the doors, as the host does.
const cast = `SET LOCAL ROLE tf_owner;
DO $$
DECLARE
  u bigint;
  d bigint;
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['tf-trial-one', 'tf-trial-two'] LOOP
    u := tf.add_user(name, 0);
    PERFORM tf.enter_as(u);
    SELECT o_device INTO d FROM tf.add_token('trial', sha256(convert_to(name, 'UTF8')), md5(name)::uuid::text, 'abcd', 'usage:write', 0, NULL);
    PERFORM tf.put_rows(d, jsonb_build_array(jsonb_build_object('day', '2026-01-01', 'source', 'codex', 'model', 'gpt-5', 'band', 0, 'tier', 'standard',
      'requests', 1, 'input', 5, 'cache_read', 0, 'cache_write_5m', 0, 'cache_write_1h', 0, 'output', 0, 'reasoning', 0, 'cost_uusd', 5, 'priced', true)),
      '[]', 'b', 0);
  END LOOP;
END $$;
SET LOCAL ROLE tf_app;
SELECT set_config('tf.identity', '', true)`

// How the trial speaks as the first account, and of the second.
const (
	enterOne = "SELECT tf.enter(sha256('tf-trial-one'), 0); "
	two      = "(SELECT id FROM tf.users WHERE handle = 'tf-trial-two')"
)

// denied are things that the server's role may not do, whoever it speaks for.
var denied = []struct{ what, sql string }{
	{"add rows", enterOne + "INSERT INTO tf.user_day SELECT * FROM tf.user_day"},
	{"change rows", enterOne + "UPDATE tf.usage_day SET input = 9"},
	{"delete rows", enterOne + "DELETE FROM tf.usage_day"},
	{"empty a table", "TRUNCATE tf.usage_day"},
	{"publish an account", enterOne + "UPDATE tf.users SET visibility = 2"},
	{"read hashes of tokens", "SELECT secret FROM tf.tokens"},
	{"read hashes of sessions", "SELECT secret FROM tf.sessions"},
	{"read links", "SELECT secret FROM tf.invites"},
	{"read device codes", "SELECT device_code FROM tf.device_grants"},
	{"read the server's keys", "SELECT * FROM tf.secret"},
	{"read the key of the seals", "SELECT * FROM tf.mac_key"},
	{"read the audit", "SELECT * FROM tf.audit"},
	{"read an inbox", enterOne + "SELECT * FROM tf.inbox"},
	{"write into an inbox", enterOne + "UPDATE tf.inbox SET rows = ''"},
	{"read a partition", "SELECT * FROM tf.usage_day_p0"},
	{"disable row-level security", "ALTER TABLE tf.usage_day DISABLE ROW LEVEL SECURITY"},
	{"make a temporary table", "CREATE TEMP TABLE usage_day (x int)"},
	{"make a table", "CREATE TABLE tf.x (x int)"},
	{"make a function", "CREATE FUNCTION tf.x() RETURNS int LANGUAGE sql AS 'SELECT 1'"},
	{"take another's identity", "SELECT tf.enter_as(1)"},
	{"make a seal", "SELECT tf.seal(1)"},
	{"enter by an unknown token", "SELECT tf.enter(sha256('nothing'), 0)"},
	{"enter by no token", "SELECT tf.enter(NULL, 0)"},
	{"make a link for somebody", enterOne + "SELECT tf.add_invite(sha256('x'), 0, 9)"},
	{"release a hold", enterOne + "SELECT tf.release_hold('2026-01-01', 'codex', 0)"},
	{"unban somebody", enterOne + "SELECT tf.suspend(false, 0)"},
	{"move the site", "SELECT tf.set_site('https://elsewhere.example')"},
	{"write without an identity", "SELECT tf.put_rows(1, '[]', '[]', 'b', 0)"},
	{"write a negative count", enterOne + trialRow(`"input":5`, `"input":-5`)},
	{"write too much", enterOne + trialRow(`"input":5`, `"input":2000000000000`)},
	{"write more reasoning than output", enterOne + trialRow(`"reasoning":0`, `"reasoning":1`)},
	{"write too high a cost", enterOne + trialRow(`"cost_uusd":5`, `"cost_uusd":99999`)},
	{"write markup for a model", enterOne + trialRow("gpt-5", "<img src=x>")},
}

// refusals are the SQLSTATEs of a rule that held: a missing right, a broken check or reference, a door that said no. Any other
// error is a thing that was not tried.
var refusals = []string{"42501", "28000", "23514", "23503", "22023", "TF404"}

func trialRow(old, changed string) string {
	const row = `{"day":"2026-01-02","source":"codex","model":"gpt-5","band":0,"tier":"standard","requests":1,"input":5,"cache_read":0,` +
		`"cache_write_5m":0,"cache_write_1h":0,"output":0,"reasoning":0,"cost_uusd":5,"priced":true}`
	return "SELECT tf.put_rows((SELECT id FROM tf.devices LIMIT 1), '[" + strings.Replace(row, old, changed, 1) + "]', '[]', 'b', 0)"
}

// seen are counts that a reader must find.
var seen = []struct {
	what, setup, count string
	want               int
}{
	{"nobody sees the days of the private", "", "SELECT count(*) FROM tf.usage_day WHERE day = '2026-01-01'", 0},
	{"nobody sees private accounts", "", "SELECT count(*) FROM tf.users WHERE handle LIKE 'tf-trial-%'", 0},
	{"one sees one's own days", enterOne, "SELECT count(*) FROM tf.usage_day WHERE day = '2026-01-01'", 1},
	{"and no others", enterOne, "SELECT count(*) FROM tf.usage_day WHERE user_id = " + two, 0},
	{"a bare id is nobody", "SELECT set_config('tf.identity', '1', true)", "SELECT count(*) FROM tf.usage_day", 0},
	{"a made-up seal is nobody", "SELECT set_config('tf.identity', '1." + strings.Repeat("0", 64) + "', true)", "SELECT count(*) FROM tf.usage_day", 0},
	{"entering again changes who one is", enterOne + "SELECT tf.enter(sha256('tf-trial-two'), 0)", "SELECT count(*) FROM tf.users WHERE handle = 'tf-trial-one'", 0},
}

// Trial makes two accounts in a transaction, lets the server's role try what it must not be able to do, and rolls everything
// back. It returns what could be done, and how many things were tried. The role that connects must be able to take on
// tf_owner and tf_app: the cluster's administrator. It is how another engine that speaks PostgreSQL shows that its row-level
// security holds.
func Trial(ctx context.Context, dsn string) (faults []string, tried int, err error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, 0, fmt.Errorf("open database: %w", clean(err))
	}
	defer conn.Close(context.WithoutCancel(ctx))
	tx, err := conn.Begin(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	if _, err := tx.Exec(ctx, cast); err != nil {
		return nil, 0, fmt.Errorf("make two accounts to try with: %w", err)
	}
	for _, d := range denied {
		err := inside(ctx, tx, func(tx pgx.Tx) error { _, err := tx.Exec(ctx, d.sql); return err })
		switch {
		case err == nil:
			faults = append(faults, "the server's role can "+d.what)
		case !slices.Contains(refusals, code(err)):
			faults = append(faults, fmt.Sprintf("could not be tried: %s: %v", d.what, err))
		}
	}
	for _, s := range seen {
		got := -1
		err := inside(ctx, tx, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, s.setup); err != nil {
				return err
			}
			return tx.QueryRow(ctx, s.count).Scan(&got)
		})
		if err != nil || got != s.want {
			faults = append(faults, fmt.Sprintf("not so: %s (%d rows, not %d; %v)", s.what, got, s.want, err))
		}
	}
	return faults, len(denied) + len(seen), nil
}

// inside runs f in a savepoint that is always rolled back.
func inside(ctx context.Context, tx pgx.Tx, f func(pgx.Tx) error) error {
	point, err := tx.Begin(ctx)
	if err != nil {
		return err
	}
	defer point.Rollback(ctx)
	return f(point)
}
