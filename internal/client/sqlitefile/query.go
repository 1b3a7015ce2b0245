package sqlitefile

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
)

// Has reports whether there is a table of that name, which is not a view, with all these columns.
func (db *DB) Has(table string, columns ...string) bool {
	found := false
	for range db.Query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND lower(name) = " + quote(strings.ToLower(table))) {
		found = true
	}
	if !found || len(columns) == 0 {
		return found
	}
	var names []string
	for row := range db.Query("SELECT lower(name) FROM pragma_table_xinfo(" + quote(table) + ")") {
		if name, ok := row[0].(string); ok {
			names = append(names, name)
		}
	}
	return !slices.ContainsFunc(columns, func(c string) bool { return !slices.Contains(names, strings.ToLower(c)) })
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Query yields the rows of one statement. A row is valid until the next; its values are int64, float64, string, []byte,
// nil, or time.Time where a column is declared as one and can be read as one. An error ends the rows, and Close returns it.
func (db *DB) Query(sql string) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		if err := db.each(sql, yield); err != nil && db.err == nil {
			db.err = explain(err)
		}
	}
}

func (db *DB) each(sql string, yield func([]any) bool) (err error) {
	rows, err := db.query(sql)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	values := make([]driver.Value, len(rows.Columns()))
	row := make([]any, len(values))
	for {
		if err := db.ctx.Err(); err != nil {
			return err
		}
		if err := rows.Next(values); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		for i, v := range values {
			row[i] = v
		}
		if !yield(row) {
			return nil
		}
	}
}

// query starts a statement, which ends early with the context.
func (db *DB) query(sql string) (driver.Rows, error) {
	conn, ok := db.conn.(interface {
		QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error)
	})
	if !ok {
		return nil, driver.ErrBadConn
	}
	return conn.QueryContext(db.ctx, sql, nil)
}
