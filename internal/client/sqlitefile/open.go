package sqlitefile

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
)

// What can be wrong with a database besides what the system says about its file.
var (
	ErrChanged = errors.New("it kept changing while it was read")
	ErrDamaged = errors.New("it is damaged or not a database")
	ErrLarge   = errors.New("it is too large to be copied while a program has it open")
)

// DB is a database open for reading. It is not for use by more than one goroutine at a time.
type DB struct {
	ctx     context.Context
	conn    driver.Conn
	err     error  // the first
	private string // folder of the copy, if it is one
	name    string // of the original
	before  state  // of the original, unless this is a copy
	overlay *overlay
}

// Open opens the database where it lies, with its write-ahead log, if that can be done, and a copy of it if not. The context bounds all queries.
func Open(ctx context.Context, name string) (*DB, error) {
	name, err := filepath.EvalSymlinks(name) // logs and journals lie beside the file itself
	if err != nil {
		return nil, err
	}
	s, err := look(name)
	if err != nil {
		return nil, err
	}
	if s.side == "-wal" {
		if db, err := openOverlay(ctx, name, s); err == nil {
			return db, nil
		}
	}
	if s.side != "" {
		return openCopy(ctx, name)
	}
	db, err := connect(ctx, location(name), "mode=ro&immutable=1")
	if err != nil {
		return nil, err
	}
	db.name, db.before = name, s
	return db, nil
}

// OpenCopy opens a copy. It is for a database of which Close has said that it changed.
func OpenCopy(ctx context.Context, name string) (*DB, error) {
	name, err := filepath.EvalSymlinks(name)
	if err != nil {
		return nil, err
	}
	return openCopy(ctx, name)
}

func openCopy(ctx context.Context, name string) (*DB, error) {
	private, err := copyOf(ctx, name)
	if err != nil {
		return nil, err
	}
	db, err := connect(ctx, location(filepath.Join(private, copied)), "mode=rw") // what the log holds is worked in at the first query
	if err != nil {
		return nil, errors.Join(err, remove(private))
	}
	db.private = private
	return db, nil
}

// connect opens a file. Nothing that a schema says runs on its own, and nothing is spilled to the disk.
func connect(ctx context.Context, uri, mode string) (*DB, error) {
	uri += "?" + mode + "&_error_rc=1&_dqs=0&_defensive=1" +
		"&_pragma=trusted_schema(0)&_pragma=query_only(1)&_pragma=temp_store(2)&_pragma=cell_size_check(1)&_pragma=mmap_size(0)"
	conn, err := new(sqlite.Driver).Open(uri)
	if err != nil {
		return nil, explain(err)
	}
	return &DB{ctx: ctx, conn: conn}, nil
}

// location returns the file's name as a URI, in which Windows' names begin with a slash.
func location(name string) string {
	name = filepath.ToSlash(name)
	if !strings.HasPrefix(name, "/") {
		name = "/" + name
	}
	return "file://" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(name)
}

// Close ends the reading and removes the copy. It returns ErrChanged if what was read may be of more than one state, and
// otherwise the first error that a query met.
func (db *DB) Close() error {
	err := db.conn.Close()
	if db.private != "" {
		return errors.Join(db.err, err, remove(db.private))
	}
	if db.overlay != nil {
		err = errors.Join(err, db.overlay.close())
	}
	after, gone := look(db.name)
	if gone != nil || !after.same(db.before) {
		return ErrChanged
	}
	return errors.Join(db.err, err)
}

// The engine's primary result codes of files that are not what they should be.
const (
	codeCorrupt     = 11
	codeNotDatabase = 26
)

// explain turns what the engine says into what can be said to people.
func explain(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) {
		switch e.Code() & 0xff {
		case codeCorrupt, codeNotDatabase:
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	return err
}
