package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"tokenflex.ing/internal/server/store"
)

// as runs a transaction as the actor, who proves it once more by the hash of their secret. Without one, only the host
// may act for them.
func (s *Store) as(ctx context.Context, who store.Actor, at time.Time, do func(tx pgx.Tx) error) error {
	enter, args := entry(who, at)
	return s.entering(ctx, who, enter, args, do)
}

// looking is as for somebody who reads for long: what the account sends meanwhile may be missing, and does not wait.
func (s *Store) looking(ctx context.Context, who store.Actor, at time.Time, do func(tx pgx.Tx) error) error {
	enter, args := entry(who, at)
	if who.Key != (store.Hash{}) {
		enter = "SELECT tf.look($1, $2)"
	}
	return s.entering(ctx, who, enter, args, do)
}

func (s *Store) entering(ctx context.Context, who store.Actor, enter string, args []any, do func(tx pgx.Tx) error) error {
	if who.User == 0 {
		return store.ErrNotFound
	}
	return s.within(ctx, func(tx pgx.Tx) error {
		var user int64
		if err := tx.QueryRow(ctx, enter, args...).Scan(&user); err != nil {
			return err
		}
		if user != who.User {
			return store.ErrNotFound
		}
		return do(tx)
	})
}

// entry is the statement that makes a transaction the actor's, and what proves who they are.
func entry(who store.Actor, at time.Time) (statement string, proof []any) {
	if who.Key == (store.Hash{}) {
		return "SELECT tf.enter_as($1)", []any{who.User}
	}
	return "SELECT tf.enter($1, $2)", []any{who.Key[:], at.Unix()}
}

// hostAs runs a transaction as the user, for the host.
func (s *Store) hostAs(ctx context.Context, user int64, do func(tx pgx.Tx) error) error {
	return s.as(ctx, store.Actor{User: user}, time.Time{}, do)
}

// within runs a transaction and turns a refusal into the store's error.
func (s *Store) within(ctx context.Context, do func(tx pgx.Tx) error) error {
	return refusal(pgx.BeginFunc(ctx, s.pool, do))
}

// run calls one door as the actor.
func (s *Store) run(ctx context.Context, who store.Actor, at time.Time, door string, args ...any) error {
	return s.as(ctx, who, at, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, door, args...)
		return err
	})
}

// refusal turns what the database says into the store's errors.
func refusal(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return store.ErrNotFound
	}
	switch code(err) {
	case "TF404", "28000":
		return store.ErrNotFound
	case "TF410":
		return store.ErrSpent
	case "TF429":
		return store.ErrTooMany
	case "TF423":
		return store.ErrLast
	case "TF425":
		return store.ErrTooSoon
	case "TF403":
		return store.ErrSuspended
	case "23505": // unique_violation
		return store.ErrTaken
	case "53300", "55P03", "57014", "40P01", "40001": // too many connections, lock not available, canceled, deadlock, serialization failure
		return store.ErrBusy
	case "53100": // disk full
		return store.ErrFull
	}
	if away(err) {
		return store.ErrBusy
	}
	return err
}

// away reports whether the database cannot be spoken with now, or ended in the middle. Whoever asks again later learns
// whether what they sent was stored.
func away(err error) bool {
	var connect *pgconn.ConnectError
	var network *net.OpError
	state := code(err)
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		err != nil && pgconn.SafeToRetry(err) || strings.HasPrefix(state, "08") || strings.HasPrefix(state, "57P")
}

// code is the SQLSTATE of an error, empty if it has none.
func code(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

// seconds is a time as it is stored, NULL for none.
func seconds(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	s := t.Unix()
	return &s
}

// moment is a stored time, zero for NULL.
func moment(s *int64) time.Time {
	if s == nil {
		return time.Time{}
	}
	return time.Unix(*s, 0).UTC()
}

// collect reads every row with scan.
func collect[T any](rows pgx.Rows, err error, scan func(pgx.Rows, *T) error) ([]T, error) {
	if err != nil {
		return nil, refusal(err)
	}
	return gather(nil, rows, scan)
}

// gather adds every row to all.
func gather[T any](all []T, rows pgx.Rows, scan func(pgx.Rows, *T) error) ([]T, error) {
	defer rows.Close()
	var one T
	for rows.Next() {
		one = *new(T)
		if err := scan(rows, &one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, refusal(rows.Err())
}
