package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"tokenflex.ing/internal/server/store"
)

// patience is how long a request waits for a connection while all are at work. Then it is told that the store is busy.
const patience = time.Second

// pool is a pool of connections that nobody waits for without end.
type pool struct{ *pgxpool.Pool }

// waiting is a request on its way to a connection.
type waiting struct {
	since time.Time
	end   *time.Timer
}

type waitingKey struct{}

// arrived stops the clock of a request that has got its connection. It is the pool's hook.
func arrived(ctx context.Context, _ *pgx.Conn) (bool, error) {
	if w, ok := ctx.Value(waitingKey{}).(*waiting); ok {
		w.end.Stop()
		store.Waited(ctx, time.Since(w.since))
	}
	return true, nil
}

// patient returns a context that ends if no connection is there in time. Whatever runs on the connection keeps the time that
// ctx gives it.
func patient(ctx context.Context) context.Context {
	limited, cancel := context.WithCancelCause(ctx)
	most := store.Patience(ctx, patience)
	return context.WithValue(limited, waitingKey{}, &waiting{time.Now(), time.AfterFunc(most, func() {
		store.Waited(ctx, most)
		cancel(store.ErrBusy)
	})})
}

// outOf returns the store's error if the request gave up waiting.
func outOf(ctx context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(ctx), store.ErrBusy) {
		return store.ErrBusy
	}
	return err
}

// Acquire takes a connection, which is to be released.
func (p pool) Acquire(ctx context.Context) (*pgxpool.Conn, error) {
	ctx = patient(ctx)
	conn, err := p.Pool.Acquire(ctx)
	return conn, outOf(ctx, err)
}

// Begin opens a transaction.
func (p pool) Begin(ctx context.Context) (pgx.Tx, error) {
	ctx = patient(ctx)
	tx, err := p.Pool.Begin(ctx)
	return tx, outOf(ctx, err)
}

// Exec runs a statement.
func (p pool) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	ctx = patient(ctx)
	tag, err := p.Pool.Exec(ctx, sql, args...)
	return tag, outOf(ctx, err)
}

// Query runs a query.
func (p pool) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	ctx = patient(ctx)
	rows, err := p.Pool.Query(ctx, sql, args...)
	return rows, outOf(ctx, err)
}

// QueryRow runs a query of one row.
func (p pool) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	ctx = patient(ctx)
	return oneRow{ctx, p.Pool.QueryRow(ctx, sql, args...)}
}

// ask sends what is queued in one trip and hands each answer over.
func (p pool) ask(ctx context.Context, b *pgx.Batch) error {
	ctx = patient(ctx)
	return refusal(outOf(ctx, p.Pool.SendBatch(ctx, b).Close()))
}

// oneRow is the one row of a query.
type oneRow struct {
	ctx context.Context
	pgx.Row
}

// Scan reads the row.
func (r oneRow) Scan(to ...any) error { return outOf(r.ctx, r.Row.Scan(to...)) }
