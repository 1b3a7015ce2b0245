package main

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/store"
)

// people is who is in the database.
type people struct {
	Rows   int64
	Tokens []string `json:"-"` // one each of those that send
}

// scaled are the columns that make one copy of an account differ from another.
var scaled = []string{"requests", "input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning", "tokens", "cost_uusd", "unpriced", "value"}

// notCopied have an owner but are each account's own.
var notCopied = []string{"tokens", "invites", "sessions", "device_grants", "audit", "identities", "passkeys", "holds", "tallies"}

// Copies are numbered from firstCopy on, so that no number of the model's is met.
const firstCopy = 1000

const withToken = 600 // users that can send

// seed makes one account as people do, through the server, and then copies its rows by SQL for everybody else.
func (e *engine) seed(ctx context.Context, s sizes) (people, error) {
	var p people
	model, err := e.model(ctx, s.days)
	if err != nil {
		return p, err
	}
	tables, err := e.tables(ctx, model)
	if err != nil {
		return p, err
	}
	restore, err := e.bare(ctx, tables)
	if err != nil {
		return p, err
	}
	const chunk = 10_000
	for from := int64(0); from < s.users; from += chunk {
		to := min(from+chunk, s.users)
		n, err := e.copies(ctx, model, firstCopy+from, firstCopy+to-1, tables, "")
		if err != nil {
			return p, err
		}
		p.Rows += n
		if from%(chunk*5) == 0 {
			progress("%s: %d users copied", e.name, to)
		}
	}
	if e.name == "postgres" && s.scores > s.users {
		only := slices.DeleteFunc(slices.Clone(tables), func(t string) bool { return t != "score" })
		n, err := e.copies(ctx, model, firstCopy+s.users, firstCopy+s.scores-1, only, " AND t.period = 'all'")
		if err != nil {
			return p, err
		}
		p.Rows += n
	}
	progress("%s: building indexes", e.name)
	if err := restore(); err != nil {
		return p, err
	}
	return p, nil
}

// model makes the account that the others are copies of: some days of one tool, in public.
func (e *engine) model(ctx context.Context, days int64) (int64, error) {
	var token strings.Builder
	if err := tokenflexd(ctx, &token, "admin", "token", "model", "--db", e.owner); err != nil {
		return 0, err
	}
	if err := tokenflexd(ctx, &token, "admin", "visibility", "model", "public", "--db", e.owner); err != nil {
		return 0, err
	}
	p, err := e.serve(ctx)
	if err != nil {
		return 0, err
	}
	defer p.stop()
	var rows []row
	for d := range days {
		rows = append(rows, row{"codex", "gpt-5", today(int(d)), 1000 + d})
	}
	if err := p.upload(ctx, write(strings.TrimSpace(token.String()), rows)); err != nil {
		return 0, err
	}
	if err := p.get(ctx, "/api/v1/leaderboard"); err != nil { // makes the lines
		return 0, err
	}
	var id int64
	return id, e.db.QueryRowContext(ctx, "SELECT id FROM "+e.schema+"users WHERE handle = 'model'").Scan(&id)
}

// tables lists what holds rows of the model's that are copied, in the order that references need.
func (e *engine) tables(ctx context.Context, model int64) ([]string, error) {
	query := `SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'user_id' ORDER BY m.name`
	if e.name == "postgres" {
		query = `SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'tf'::regnamespace
			AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attname = 'user_id' ORDER BY c.relname`
	}
	all, err := texts(ctx, e.db, query)
	if err != nil {
		return nil, err
	}
	var some []string
	for _, t := range all {
		var n int64
		if err := e.db.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*) FROM %s%s WHERE user_id = %d", e.schema, t, model)).Scan(&n); err != nil {
			return nil, err
		}
		if n > 0 && !slices.Contains(notCopied, t) {
			progress("%s: %s has %d rows of each user", e.name, t, n)
			some = append(some, t)
		}
	}
	return some, nil
}

func texts(ctx context.Context, db *sql.DB, query string) ([]string, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// bare takes down what slows copying, and returns how to put it up again. The server raises SQLite's triggers itself.
func (e *engine) bare(ctx context.Context, tables []string) (restore func() error, err error) {
	list := "'" + strings.Join(append(slices.Clone(tables), "users"), "', '") + "'"
	query := `SELECT name || '|' || sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN (` + list + `)`
	if e.name == "postgres" {
		query = `SELECT 'tf.' || indexname || '|' || indexdef FROM pg_indexes WHERE schemaname = 'tf' AND tablename IN (` + list + `)
			AND indexname NOT IN (SELECT conname FROM pg_constraint)`
	}
	indexes, err := texts(ctx, e.db, query)
	if err != nil {
		return nil, err
	}
	for _, i := range indexes {
		name, _, _ := strings.Cut(i, "|")
		if _, err := e.db.ExecContext(ctx, "DROP INDEX "+name); err != nil {
			return nil, err
		}
	}
	if e.name == "sqlite" {
		if err := e.dropTriggers(ctx); err != nil {
			return nil, err
		}
	}
	return func() error {
		for _, i := range indexes {
			_, text, _ := strings.Cut(i, "|")
			if _, err := e.db.ExecContext(ctx, text); err != nil {
				return err
			}
		}
		if e.name == "postgres" {
			_, err := e.db.ExecContext(ctx, "VACUUM ANALYZE; ")
			return err
		}
		_, err := e.db.ExecContext(ctx, "ANALYZE")
		return err
	}, nil
}

func (e *engine) dropTriggers(ctx context.Context) error {
	triggers, err := texts(ctx, e.db, "SELECT name FROM sqlite_master WHERE type = 'trigger'")
	for _, t := range triggers {
		if err == nil {
			_, err = e.db.ExecContext(ctx, "DROP TRIGGER "+t)
		}
	}
	return err
}

// copies makes users of those numbers with the model's rows in the tables, each scaled by the user's own factor.
func (e *engine) copies(ctx context.Context, model, from, to int64, tables []string, where string) (int64, error) {
	conn, err := e.db.Conn(ctx)
	if err != nil {
		return 0, err
	}
	defer e.giveBack(ctx, conn)
	series := fmt.Sprintf("generate_series(%d::bigint, %d) n(i)", from, to)
	if e.name == "sqlite" {
		series = fmt.Sprintf("(WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i FROM n) n", from, to)
	} else if _, err := conn.ExecContext(ctx, "SET session_replication_role = replica; SET synchronous_commit = off"); err != nil {
		return 0, err
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	var sum int64
	for _, t := range append([]string{"users"}, tables...) {
		columns, err := e.columns(ctx, t)
		if err != nil {
			return 0, err
		}
		key, filter := "user_id", where
		if t == "users" {
			key, filter = "id", ""
		}
		overriding := ""
		if e.name == "postgres" && slices.Contains(columns, "id") {
			overriding = " OVERRIDING SYSTEM VALUE"
		}
		statement := fmt.Sprintf("INSERT INTO %s%s (%s)%s SELECT %s FROM %s CROSS JOIN %[1]s%[2]s t WHERE t.%[7]s = %[8]d%[9]s",
			e.schema, t, strings.Join(columns, ", "), overriding, strings.Join(e.values(columns), ", "), series, key, model, filter)
		done, err := tx.ExecContext(ctx, statement)
		if err != nil {
			return 0, fmt.Errorf("copy %s: %w", t, err)
		}
		n, err := done.RowsAffected()
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, tx.Commit()
}

// giveBack ends what was set for filling the database: what is measured later checks references and waits for the disk.
func (e *engine) giveBack(ctx context.Context, conn *sql.Conn) {
	if e.name == "postgres" {
		conn.ExecContext(ctx, "RESET ALL")
	}
	conn.Close()
}

func (e *engine) columns(ctx context.Context, table string) ([]string, error) {
	if e.name == "postgres" {
		return texts(ctx, e.db, "SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'tf' AND is_generated = 'NEVER' AND table_name = '"+table+"' ORDER BY ordinal_position")
	}
	return texts(ctx, e.db, "SELECT name FROM pragma_table_info('"+table+"') ORDER BY cid")
}

// values are the columns of a copy, times 1 to 1001 in a million steps, so that hardly two users have one value.
func (e *engine) values(columns []string) []string {
	var all []string
	for _, c := range columns {
		switch {
		case c == "user_id" || c == "id" || c == "device_id":
			all = append(all, "n.i")
		case c == "handle":
			all = append(all, "'u' || n.i")
		case c == "print" && e.name == "postgres": // nobody has another's history
			all = append(all, "sha256(convert_to(n.i || t.day, 'UTF8'))")
		case c == "print":
			all = append(all, "randomblob(32)")
		case slices.Contains(scaled, c):
			all = append(all, "t."+c+" * (n.i * 7919 % 1000003 + 1000) / 1000")
		default:
			all = append(all, "t."+c)
		}
	}
	return all
}

// tokens gives a token each to as many users as there are to send.
func (e *engine) tokens(ctx context.Context, n int64) ([]string, error) {
	conn, err := e.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer e.giveBack(ctx, conn)
	mark := "?"
	if e.name == "sqlite" {
		if err := e.dropTriggers(ctx); err != nil { // the server raises them again
			return nil, err
		}
	} else {
		mark = "$1"
		if _, err := conn.ExecContext(ctx, "SET session_replication_role = replica"); err != nil {
			return nil, err
		}
	}
	var all []string
	for i := range n {
		token := auth.NewToken()
		hash := store.HashOf(token)
		_, err := conn.ExecContext(ctx, fmt.Sprintf(`INSERT INTO %stokens (secret, id, user_id, device_id, hint, scope, created_at)
			VALUES (%s, '00000000-0000-0000-0000-%012d', %d, %[4]d, 'abcd', 'usage:write', 0)`, e.schema, mark, e.first+i, e.first+i), hash[:])
		if err != nil {
			return nil, err
		}
		all = append(all, token)
	}
	return all, nil
}
