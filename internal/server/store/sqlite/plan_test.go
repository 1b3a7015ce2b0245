package sqlite

import (
	"database/sql"
	"strings"
	"testing"

	"tokenflex.ing/internal/server/store"
)

// A page of a board is read by its index and nothing is sorted, also when SQLite knows that there are few accounts. Fails where the
// view leaves the order to the planner.
func TestAPageIsReadByItsIndex(t *testing.T) {
	s := openTest(t)
	db := openOwner(s.file)
	t.Cleanup(func() { db.Close() })
	for name := range guards() {
		if _, err := db.ExecContext(t.Context(), "DROP TRIGGER "+name); err != nil {
			t.Fatal(err)
		}
	}
	for _, fill := range []string{
		"INSERT INTO users (handle, visibility, created_at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT 'u' || i, 2, 0 FROM n",
		`INSERT INTO score SELECT id, 'all', '', f, '9999-12-31', 2, NULL, 0, 1, 1, 1, 1, 1, 1, 1, id, 1, 1, 1, 1, '2026-11-01'
			FROM users, (SELECT '' AS f UNION ALL SELECT 'gpt' UNION ALL SELECT 'claude' UNION ALL SELECT 'gemini')`,
		"ANALYZE",
	} {
		if _, err := db.ExecContext(t.Context(), fill); err != nil {
			t.Fatal(err)
		}
	}
	for metric, r := range rankings {
		query := "EXPLAIN QUERY PLAN " + r.lineQuery(r.view+" s", "true") + " ORDER BY s." + r.column + " DESC, s.user_id DESC LIMIT 51"
		rows, err := db.QueryContext(t.Context(), query, store.Always.Name, "", "")
		plan, err := collect(rows, err, func(r *sql.Rows, step *string) error { var n int; return r.Scan(&n, &n, &n, step) })
		if text := strings.Join(plan, "\n"); err != nil || !strings.HasPrefix(text, "SEARCH s USING INDEX score_") || strings.Contains(text, "TEMP B-TREE") {
			t.Errorf("by %s, error %v:\n%s", metric, err, text)
		}
	}
}

// After a new price book everybody's rows are stale: finding the next accounts sorts nothing and reads as many as are asked for. Fails where
// accounts of all older books are asked for at once.
func TestStaleAccountsAreFoundByTheirIndex(t *testing.T) {
	s := openTest(t)
	db := openOwner(s.file)
	t.Cleanup(func() { db.Close() })
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+staleUsers, "2026-11-26", 50)
	plan, err := collect(rows, err, func(r *sql.Rows, step *string) error { var n int; return r.Scan(&n, &n, &n, step) })
	if text := strings.Join(plan, "\n"); err != nil || strings.Contains(text, "TEMP B-TREE") || !strings.Contains(text, "usage_day_book (book=?)") {
		t.Errorf("error %v:\n%s", err, text)
	}
}
