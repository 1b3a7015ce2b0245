package scan

import (
	"context"
	"errors"
	"io/fs"
	"iter"

	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/client/sqlitefile"
)

// base is the database that a file is. Without one that can be opened it has no tables.
type base struct{ db *sqlitefile.DB }

func (f *file) Tables() source.Tables {
	if f.base == nil {
		f.openTables(sqlitefile.Open)
	}
	return f.base
}

// openDatabase is sqlitefile's Open or OpenCopy.
type openDatabase = func(ctx context.Context, name string) (*sqlitefile.DB, error)

func (f *file) openTables(open openDatabase) {
	f.reading = reading{outcome: outcome{database: true}, zoned: f.reading.zoned, dated: f.reading.dated, beside: f.reading.beside}
	f.base = &base{}
	f.base.db, f.reading.err = open(f.ctx, f.name)
}

// endTables closes the database. What was read of one that changed meanwhile is thrown away, and a copy is read instead.
func (f *file) endTables(s source.Source) reading {
	err := f.closeTables()
	if errors.Is(err, sqlitefile.ErrChanged) {
		f.openTables(sqlitefile.OpenCopy)
		f.reading.part = s.Read(f)
		err = f.closeTables()
	}
	f.reading.err = err
	f.reading.part.Size = f.stamp.Size
	return f.reading
}

func (f *file) closeTables() error {
	if f.base.db == nil {
		return f.reading.err
	}
	return f.base.db.Close()
}

func (b *base) Has(table string, columns ...string) bool {
	return b.db != nil && b.db.Has(table, columns...)
}

func (b *base) Query(sql string) iter.Seq[source.Row] {
	return func(yield func(source.Row) bool) {
		if b.db == nil {
			return
		}
		for row := range b.db.Query(sql) {
			if !yield(source.Row(row)) {
				return
			}
		}
	}
}

// reason says why a database cannot be read.
func reason(err error) string {
	for _, known := range []error{sqlitefile.ErrChanged, sqlitefile.ErrDamaged, sqlitefile.ErrLarge, fs.ErrPermission} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "the system or the engine refuses it"
}
