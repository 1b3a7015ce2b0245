package source

import (
	"fmt"
	"iter"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
)

// Tables is a database as a parser sees it. Views are not seen: they can be made to never end.
type Tables interface {
	// Has reports whether there is such a table, with all these columns.
	Has(table string, columns ...string) bool
	// Query yields the rows of one statement that reads. An error ends them and is counted.
	Query(sql string) iter.Seq[Row]
}

// Row is one row of a query, in the order of its columns. It is valid until the next one. Columns that it does not have
// are null.
type Row []any

// Null reports whether the column is null.
func (r Row) Null(i int) bool { return i >= len(r) || r[i] == nil }

// Text returns the column as text; "" if it is null.
func (r Row) Text(i int) string {
	if r.Null(i) {
		return ""
	}
	switch v := r[i].(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case time.Time:
		return v.Format(time.RFC3339Nano)
	}
	return fmt.Sprint(r[i])
}

// Bytes returns the column's text or blob, which is not copied if it is a blob.
func (r Row) Bytes(i int) []byte {
	if !r.Null(i) {
		if b, ok := r[i].([]byte); ok {
			return b
		}
	}
	return []byte(r.Text(i))
}

// Count returns the column as a counter, by the rules of jsonwalk.Walker.Count.
func (r Row) Count(i int) int64 {
	if r.Null(i) {
		return 0
	}
	switch v := r[i].(type) {
	case int64:
		return max(0, v)
	case time.Time:
		return 0
	}
	return jsonwalk.New(r.Bytes(i)).Count()
}

// When returns the column as a time: one without a zone is UTC, a number counts seconds, milliseconds or microseconds since
// 1970. It is zero if there is none that can be believed.
func (r Row) When(i int) time.Time {
	if r.Null(i) {
		return time.Time{}
	}
	var at time.Time
	switch v := r[i].(type) {
	case time.Time:
		at = v.UTC()
	case int64, float64:
		at = epoch(r.Count(i))
	default:
		text := r.Bytes(i)
		if at = stamp(text); at.IsZero() {
			at = epoch(jsonwalk.New(text).Count())
		}
	}
	if at.Before(Oldest) {
		return time.Time{}
	}
	return at
}

// wanted returns the column's name if the table has it. Otherwise nothing stands for it, which is said of the file: it is for what is
// counted, while columnOr is for what only describes it.
func wanted(f File, t Tables, table, column string) string {
	if has(f, t, table, column) {
		return column
	}
	return "NULL"
}

// has reports whether the table has all these columns. Of a table that is there and lacks any it is said.
func has(f File, t Tables, table string, columns ...string) bool {
	if t.Has(table, columns...) {
		return true
	}
	if t.Has(table) {
		f.Fault(Lacking)
	}
	return false
}

// columnOr returns the column's name if the table has it, and otherwise what stands for it.
func columnOr(t Tables, table, column, other string) string {
	if t.Has(table, column) {
		return column
	}
	return other
}
