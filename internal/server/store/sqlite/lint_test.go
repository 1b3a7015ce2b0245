package sqlite

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/storetest"
)

// everybodys are statements that reach rows of more than one account, by what they begin with or hold, and why they may.
var everybodys = map[string]string{
	"FROM users u ORDER BY u.handle":                  "Users is the host's",
	"FROM users u WHERE u.handle = ?":                 "UserByHandle is the host's",
	"FROM audit":                                      "Acts is the host's",
	"SELECT id, handle, created_at FROM users":        "ReplayErasures is the host's",
	"SELECT u.id, u.handle, u.created_at FROM users":  "Sweep looks for accounts that nobody uses",
	"DELETE FROM device_grants WHERE expires_at <= ?": "grants end, whoever's they are",
	"count(*) FROM device_grants":                     "a network has so many live grants, of nobody yet",
	"count(*), min(at) FROM (SELECT at FROM due":      "keeping house: how much is due, and since when",
	"FROM due w CROSS JOIN prints p":                  "keeping house: which prints are not in their index",
	"UPDATE repricings SET":                           "keeping house: how many accounts a repricing moved",
	"SELECT DISTINCT user_id FROM ":                   "Sweep ends what is over, as each owner",
}

// written is SQL as far as the source says it: what is worked out while running is an ellipsis.
type written struct{ at, sql string }

// statements lists the SQL of the package: every string that begins as a statement, with the constants that it is joined with.
func statements(t *testing.T) []written {
	t.Helper()
	at := token.NewFileSet()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]*ast.File)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if files[name], err = parser.ParseFile(at, name, nil, parser.SkipObjectResolution); err != nil {
			t.Fatal(err)
		}
	}
	consts := make(map[string]ast.Expr)
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == len(v.Names) {
				for i, name := range v.Names {
					consts[name.Name] = v.Values[i]
				}
			}
			return true
		})
	}
	var text func(e ast.Expr, depth int) string
	text = func(e ast.Expr, depth int) string {
		switch e := e.(type) {
		case *ast.BasicLit:
			if s, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
				return strings.NewReplacer("%s", "…", "%d", "…").Replace(s)
			}
		case *ast.BinaryExpr:
			return text(e.X, depth) + text(e.Y, depth)
		case *ast.ParenExpr:
			return text(e.X, depth)
		case *ast.Ident:
			if c := consts[e.Name]; c != nil && depth < 5 {
				return text(c, depth+1)
			}
		}
		return "…"
	}
	begins := regexp.MustCompile(`^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\s`)
	var all []written
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			switch n.(type) {
			case *ast.BinaryExpr, *ast.BasicLit:
				if sql := text(e, 0); begins.MatchString(sql) {
					all = append(all, written{at.Position(n.Pos()).String(), sql})
					return false
				}
			}
			return true
		})
	}
	return all
}

// ownedTables lists the tables of which each row is an account's.
func ownedTables(t *testing.T, s *Store) []string {
	t.Helper()
	rows, err := s.export.QueryContext(t.Context(), `SELECT m.name FROM sqlite_master m WHERE m.type = 'table'
		AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) c WHERE c.name = 'user_id') ORDER BY m.name`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		all = append(all, name)
	}
	return all
}

// Every statement that the source says whole compiles, and each that touches rows of accounts says whose: by their number, by a
// secret that only they have, or through a view of what is public. What an INSERT says is for the triggers. Fails when a WHERE is forgotten.
func TestStatementsSayWhoseRowsTheyTouch(t *testing.T) {
	s := openTest(t)
	db := openOwner(s.file)
	defer db.Close()
	tables := append(ownedTables(t, s), "users")
	touches := regexp.MustCompile(`(?i)\b(?:FROM|JOIN|UPDATE|UPDATE\s+OR\s+\w+|INTO)\s+(` + strings.Join(tables, "|") + `)\b`)
	whose := regexp.MustCompile(`(?i)\buser_id\b|\bby_user\b|\b(u\.|users\.)?id = |secret = |device_code = |user_code = |credential = |\bidentity = |\bkey = |handle = `)
	used := make(map[string]bool)
	all := statements(t)
	if len(all) < 80 {
		t.Fatalf("only %d statements were found", len(all))
	}
	for _, one := range all {
		if whole := strings.Contains(one.sql, "FROM") || !strings.HasPrefix(one.sql, "SELECT"); whole && !strings.Contains(one.sql, "…") {
			stmt, err := db.PrepareContext(t.Context(), one.sql)
			switch {
			case err == nil:
				stmt.Close()
			case !strings.Contains(err.Error(), "incomplete input"): // to which something is added while running
				t.Errorf("%s does not compile: %v\n%s", one.at, err, one.sql)
			}
		}
		if !touches.MatchString(one.sql) || strings.HasPrefix(one.sql, "INSERT") || strings.Contains(one.sql, "public_") || strings.Contains(one.sql, "counted_") {
			continue
		}
		reason := ""
		for part := range everybodys {
			if strings.Contains(one.sql, part) {
				reason, used[part] = part, true
			}
		}
		if reason == "" && !whose.MatchString(one.sql) {
			t.Errorf("%s does not say whose rows it touches:\n%s", one.at, one.sql)
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(everybodys)), slices.Sorted(maps.Keys(used))); diff != "" {
		t.Errorf("the list of what reaches everybody's rows (-listed +found):\n%s", diff)
	}
}

// An export has every column of every row that is the account's, but for hashes of secrets. Fails when another column is left out.
func TestExportsLackNothing(t *testing.T) {
	s := twoAccounts(t)
	if err := s.AddInvite(t.Context(), 1, store.HashOf("link"), storetest.Noon, storetest.Noon.AddDate(0, 0, 1)); err != nil {
		t.Fatal(err)
	}
	got := make(map[string][]string)
	err := s.Export(t.Context(), store.Actor{User: 1}, func(table string, row json.RawMessage) error {
		var fields map[string]any
		got[table] = nil
		err := json.Unmarshal(row, &fields)
		got[table] = slices.Sorted(maps.Keys(fields))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	without := map[string][]string{ // what is left out: of use to a thief alone
		"tokens": {"secret"}, "sessions": {"secret"}, "invites": {"secret"}, "device_grants": {"device_code", "user_code"}, "devices": {"last_body"},
	}
	for _, table := range append(ownedTables(t, s), "users") {
		rows, err := s.export.QueryContext(t.Context(), "SELECT name FROM pragma_table_info(?)", table)
		if err != nil {
			t.Fatal(err)
		}
		var want, omitted []string
		for rows.Next() {
			var column string
			if err := rows.Scan(&column); err != nil {
				t.Fatal(err)
			}
			if slices.Contains(secretColumns, column) {
				omitted = append(omitted, column)
				continue
			}
			want = append(want, column)
		}
		rows.Close()
		slices.Sort(omitted)
		if diff := cmp.Diff(without[table], omitted); diff != "" {
			t.Errorf("left out of %s (-expected +left out):\n%s", table, diff)
		}
		if fields, some := got[table]; some {
			slices.Sort(want)
			if diff := cmp.Diff(want, fields); diff != "" {
				t.Errorf("%s (-columns +exported):\n%s", table, diff)
			}
		}
	}
	for _, table := range []string{"users", "devices", "tokens", "invites", "usage_day", "user_day", "score"} {
		if got[table] == nil {
			t.Errorf("nothing of %s was exported", table)
		}
	}
}
