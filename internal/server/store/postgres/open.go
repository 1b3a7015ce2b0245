package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"tokenflex.ing/internal/server/store"
)

// Store is a store.Store in one PostgreSQL database.
type Store struct {
	pool pool
	host bool             // connected as the owner: may act for anybody
	now  func() time.Time // when a method is not told

	catching *store.Catching
	recents  recents
	group    *group
}

var _ store.Store = (*Store)(nil)

// Open connects as the role that the server runs as. It refuses a role that could get around row-level security, and a
// database whose rules are not the ones that the migrations made.
func Open(ctx context.Context, dsn string, now func() time.Time) (*Store, error) {
	s, err := connect(ctx, dsn, "", now)
	if err != nil {
		return nil, err
	}
	if err := s.fit(ctx); err != nil {
		s.pool.Close()
		return nil, err
	}
	return s, nil
}

// OpenHost connects as the owner, for the host's own commands.
func OpenHost(ctx context.Context, dsn string, now func() time.Time) (*Store, error) {
	s, err := connect(ctx, dsn, Owner, now)
	if err != nil {
		return nil, err
	}
	s.host = true
	if err := s.current(ctx); err != nil {
		s.pool.Close()
		return nil, err
	}
	return s, nil
}

// minConns is how many connections a server may have at least, unless its address says otherwise. An upload waits for the disk
// while it holds one.
const minConns = 8

// connect opens the pool, every connection in the role if one is named.
func connect(ctx context.Context, dsn, role string, now func() time.Time) (*Store, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("the database's address cannot be read; it is like postgres://tf_app@db.example/tokenflex")
	}
	// Statements are prepared, and planned once for each connection. A pooler that hands connections on after every transaction
	// must know of that, as PgBouncer 1.21 does; for others the address says default_query_exec_mode=exec.
	config.ConnConfig.ConnectTimeout = 5 * time.Second
	config.ConnConfig.RuntimeParams["application_name"] = "tokenflexd"
	config.ConnConfig.RuntimeParams["search_path"] = "pg_catalog"
	if role != "" {
		config.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
			_, err := c.Exec(ctx, "SET ROLE "+role)
			return err
		}
	}
	config.PrepareConn = arrived
	if !strings.Contains(dsn, "pool_max_conns") {
		config.MaxConns = max(config.MaxConns, minConns)
	}
	p, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", clean(err))
	}
	if err := p.Ping(ctx); err != nil {
		p.Close()
		return nil, fmt.Errorf("open database: %w", ownerOnly(clean(err)))
	}
	return &Store{pool: pool{p}, now: now, catching: store.NewCatching(), group: newGroup(int(config.MaxConns))}, nil
}

// ownerOnly says who may do what the host's commands do, where somebody else tried.
func ownerOnly(err error) error {
	if code(err) == "42501" {
		return fmt.Errorf("%w\nname the owner: --db postgres://%s@HOST/NAME", err, Owner)
	}
	return err
}

// clean keeps an address, and the password in it, out of what is printed.
func clean(err error) error {
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		var pg *pgconn.PgError
		if errors.As(err, &pg) {
			return fmt.Errorf("the server said: %s", pg.Message)
		}
		return errors.New("the server cannot be reached as " + connect.Config.User)
	}
	return err
}

// fit reports why this connection may not serve.
func (s *Store) fit(ctx context.Context) error {
	if err := s.current(ctx); err != nil {
		return err
	}
	faults, err := s.Audit(ctx)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return fmt.Errorf("the database is not safe to serve from: %s\nrun: tokenflexd doctor --db …", faults[0])
	}
	return nil
}

// current reports whether the schema is this binary's.
func (s *Store) current(ctx context.Context) error {
	have, err := s.Version(ctx)
	if code(err) == "42883" || code(err) == "3F000" || code(err) == "42501" {
		return errors.New("the database has no schema yet, or not for this role\nrun: tokenflexd migrate --db …, as " + Owner)
	}
	if err != nil {
		return clean(err)
	}
	if have > schema {
		return store.NewerSchema(have, schema)
	}
	if have < schema {
		return fmt.Errorf("the database has schema %d and this tokenflexd needs %d\nrun: tokenflexd migrate --db …, as %s", have, schema, Owner)
	}
	return nil
}

// Version implements store.Store.
func (s *Store) Version(ctx context.Context) (int64, error) {
	var n int64
	return n, s.pool.QueryRow(ctx, "SELECT tf.version()").Scan(&n)
}

// Pools implements store.Store.
func (s *Store) Pools() []store.Pool {
	p := s.pool.Stat()
	return []store.Pool{{Name: "main", Max: int(p.MaxConns()), InUse: int(p.AcquiredConns()), Idle: int(p.IdleConns()),
		Waits: p.EmptyAcquireCount(), Waited: p.EmptyAcquireWaitTime()}}
}

// Close ends every connection.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}

// Ready implements store.Store.
func (s *Store) Ready(ctx context.Context) error { return s.current(ctx) }

// Secret implements store.Store.
func (s *Store) Secret(ctx context.Context, name string) ([]byte, error) {
	fresh := make([]byte, 32)
	if _, err := rand.Read(fresh); err != nil {
		return nil, err
	}
	var value []byte
	return value, refusal(s.pool.QueryRow(ctx, "SELECT tf.server_key($1, $2)", name, fresh).Scan(&value))
}

// Site implements store.Store.
func (s *Store) Site(ctx context.Context) (string, error) {
	var site string
	return site, refusal(s.pool.QueryRow(ctx, "SELECT site FROM tf.instance").Scan(&site))
}

// SetSite implements store.Store. The server's role sets it once; after that only the host can change it, since links
// that sign people in are made of it.
func (s *Store) SetSite(ctx context.Context, origin string) error {
	door := "SELECT tf.first_site($1)"
	if s.host {
		door = "SELECT tf.set_site($1)"
	}
	_, err := s.pool.Exec(ctx, door, origin)
	return refusal(err)
}
