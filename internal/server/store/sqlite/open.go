package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
	"tokenflex.ing/internal/server/store"
)

// Store is a store.Store in one file.
type Store struct {
	writer *sql.DB // one connection
	reader *sql.DB // one account's rows, and the host's questions
	public *sql.DB // what strangers see
	door   *sql.DB // credentials
	export *sql.DB // everything of one account

	file     string
	patience time.Duration // how long a write waits for those before it
	named    named
	catching *store.Catching
	group    group

	now func() time.Time // when a method is not told

	connected atomic.Int64 // how often the writer's connection was opened
	// What is in memory of the database. Whoever has the writer's connection has it too.
	seen    sight
	pending pendingPrints
	recents recents
	counted counted
	senders senders // of whom anybody may ask
	// Of the transaction: whom it became, and what is done once it is committed.
	became    []int64
	committed []func()
}

var _ store.Store = (*Store)(nil)

// Open opens the database file, making it and its folder if they are missing, and brings its schema up to date.
// Several processes may have it open.
func Open(ctx context.Context, file string, now func() time.Time) (*Store, error) {
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	if err := reserve(ctx, file); err != nil {
		return nil, fmt.Errorf("open database: %w", full(err))
	}
	owner := openOwner(file)
	err = errors.Join(full(migrate(ctx, owner)), owner.Close())
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", filepath.Base(file), err)
	}
	s := &Store{reader: openReader(file), public: openPublic(file), door: openDoor(file), export: openExport(file), file: file,
		patience: 2 * time.Second, catching: store.NewCatching(), now: now}
	s.writer = openWriter(file, func() { s.connected.Add(1) })
	return s, nil
}

// reserve makes the file and its folder, for their owner alone. SQLite gives the files beside it the same mode. A file that is
// another program's stays as it is.
func reserve(ctx context.Context, file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w\nrun it as the user that the file belongs to, or name another file with --db", err)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if err := ours(ctx, f); err != nil {
		return err
	}
	return f.Chmod(0o600)
}

// magic is what every SQLite file begins with.
const magic = "SQLite format 3\x00"

// ours reports why a file that is there already is no database of this program.
func ours(ctx context.Context, f *os.File) error {
	head := make([]byte, len(magic))
	n, err := io.ReadFull(f, head)
	if n == 0 && errors.Is(err, io.EOF) { // it is new
		return nil
	}
	if string(head[:n]) != magic {
		return fmt.Errorf("%s is no SQLite database: name another file with --db", f.Name())
	}
	db, err := openExisting(f.Name())
	if err != nil {
		return err
	}
	defer db.Close()
	var tables int
	var book bool
	err = db.QueryRowContext(ctx, "SELECT count(*), coalesce(max(name = 'goose_db_version'), 0) FROM sqlite_master WHERE type = 'table'").Scan(&tables, &book)
	if err == nil && tables > 0 && !book {
		return fmt.Errorf("%s is another program's database: name another file with --db", f.Name())
	}
	return nil // what is broken is found when it is opened
}

// Close ends every connection.
func (s *Store) Close() error {
	return errors.Join(s.reader.Close(), s.public.Close(), s.door.Close(), s.export.Close(), s.writer.Close())
}

// Ready implements store.Store.
func (s *Store) Ready(ctx context.Context) error {
	have, err := s.Version(ctx)
	if err != nil {
		return err
	}
	if have != schema {
		return fmt.Errorf("the database has schema %d and this tokenflexd needs %d", have, schema)
	}
	return roomBeside(s.file)
}

// Version implements store.Store.
func (s *Store) Version(ctx context.Context) (int64, error) {
	var n int64
	return n, s.reader.QueryRowContext(ctx, schemaOf).Scan(&n)
}

// Pools implements store.Store.
func (s *Store) Pools() []store.Pool {
	var all []store.Pool
	for _, p := range []struct {
		name string
		db   *sql.DB
	}{{"writer", s.writer}, {"reader", s.reader}, {"door", s.door}} {
		n := p.db.Stats()
		all = append(all, store.Pool{Name: p.name, Max: n.MaxOpenConnections, InUse: n.InUse, Idle: n.Idle, Waits: n.WaitCount, Waited: n.WaitDuration})
	}
	return all
}

// Secret implements store.Store.
func (s *Store) Secret(ctx context.Context, name string) ([]byte, error) {
	fresh := make([]byte, 32)
	if _, err := rand.Read(fresh); err != nil {
		return nil, err
	}
	var value []byte
	err := s.anonymous(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO secret VALUES (?, ?) ON CONFLICT DO NOTHING", name, fresh); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "SELECT value FROM secret WHERE name = ?", name).Scan(&value)
	})
	return value, err
}

// Site implements store.Store.
func (s *Store) Site(ctx context.Context) (string, error) {
	var site string
	err := s.reader.QueryRowContext(ctx, "SELECT site FROM instance").Scan(&site)
	return site, notFound(err)
}

// SetSite implements store.Store.
func (s *Store) SetSite(ctx context.Context, origin string) error {
	return s.anonymous(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO instance VALUES (1, ?) ON CONFLICT DO UPDATE SET site = excluded.site", origin)
		return err
	})
}

// anonymous runs a write that belongs to nobody.
func (s *Store) anonymous(ctx context.Context, do func(tx *sql.Tx) error) error {
	conn, err := s.take(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return s.inOne(ctx, conn, func(_ context.Context, tx *sql.Tx) error { return do(tx) })
}

// inOne runs one transaction.
func (s *Store) inOne(ctx context.Context, conn *sql.Conn, do func(ctx context.Context, tx *sql.Tx) error) error {
	tx, err := conn.BeginTx(ctx, nil)
	if locked(err) {
		return store.ErrBusy
	}
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := s.remember(ctx, tx); err != nil {
		return full(err)
	}
	defer s.pending.undo(0)
	s.became, s.committed = s.became[:0], nil
	defer func() {
		s.senders.drop(s.became)
		if s.counted.changed { // it is given up
			s.counted.forget()
		}
	}()
	if err := do(ctx, tx); err != nil {
		return full(err)
	}
	if err := tx.Commit(); err != nil {
		return full(err)
	}
	s.pending.changes, s.counted.changed = nil, false
	for _, do := range s.committed {
		do()
	}
	return nil
}

// remember makes sure that what is in memory is what the database has.
func (s *Store) remember(ctx context.Context, tx *sql.Tx) error {
	seen := sight{connection: s.connected.Load()}
	if err := tx.QueryRowContext(ctx, "PRAGMA data_version").Scan(&seen.version); err != nil || s.seen == seen {
		return err
	}
	s.seen = sight{}
	s.recents.clear()
	s.counted.forget()
	s.senders.clear()
	if err := s.pending.read(ctx, tx); err != nil {
		return err
	}
	s.seen = seen
	return nil
}

// sight is up to which of other processes' commits the database was seen, and by which of the writer's connections: each counts them for itself.
type sight struct{ connection, version int64 }

// full turns the word of a disk, or of a database that may not grow, into the store's.
func full(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) && (e.Code() == sqlite3.SQLITE_FULL || e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE) {
		return store.ErrFull
	}
	return err
}

// take returns the writer's connection, or ErrBusy when others keep it too long.
func (s *Store) take(ctx context.Context) (*sql.Conn, error) {
	waiting, cancel := context.WithTimeout(ctx, store.Patience(ctx, s.patience))
	defer cancel()
	begun := time.Now()
	conn, err := s.writer.Conn(waiting)
	store.Waited(ctx, time.Since(begun))
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, store.ErrBusy
	}
	return conn, err
}

// locked reports whether another process kept the file.
func locked(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

// as runs a write as the user: the only rows it can touch are theirs.
func (s *Store) as(ctx context.Context, user int64, do func(tx *sql.Tx) error) error {
	return s.anonymous(ctx, func(tx *sql.Tx) error { return s.become(ctx, tx, user, do) })
}

// touch notes that somebody was here. Nobody is turned away because it cannot be noted now.
func (s *Store) touch(ctx context.Context, user int64, do func(tx *sql.Tx) error) error {
	err := s.as(ctx, user, do)
	if errors.Is(err, store.ErrBusy) {
		return nil
	}
	return err
}

// become runs a part of a transaction as the user.
func (s *Store) become(ctx context.Context, tx *sql.Tx, user int64, do func(tx *sql.Tx) error) error {
	if user == 0 {
		return store.ErrNotFound
	}
	s.recents.take(user)
	s.became = append(s.became, user)
	if _, err := tx.ExecContext(ctx, "UPDATE ctx SET uid = ?", user); err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return err
	}
	return nobody(ctx, tx)
}

// nobody ends a part of a transaction that ran as a user.
func nobody(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, "UPDATE ctx SET uid = NULL")
	return err
}

// notFound turns the driver's word for no row into the store's.
func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return store.ErrNotFound
	}
	return err
}

// duplicate reports whether err is a broken UNIQUE or PRIMARY KEY.
func duplicate(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// collect reads every row with scan.
func collect[T any](rows *sql.Rows, err error, scan func(*sql.Rows, *T) error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	return gather(nil, rows, scan)
}

// gather adds every row to all.
func gather[T any](all []T, rows *sql.Rows, scan func(*sql.Rows, *T) error) ([]T, error) {
	defer rows.Close()
	var one T
	for rows.Next() {
		one = *new(T)
		if err := scan(rows, &one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
