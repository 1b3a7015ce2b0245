package postgres

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
)

// atOnce is how many accounts' lines a reader makes in one transaction: their uploads wait for it.
const atOnce = 4

// CatchUp implements store.Housekeeping.
func (s *Store) CatchUp(ctx context.Context, most int, at time.Time) (int, error) {
	return s.catchUp(ctx, most, false, at.Unix())
}

func (s *Store) catchUp(ctx context.Context, most int, wait bool, at int64) (int, error) {
	var n int
	err := s.pool.QueryRow(ctx, "SELECT tf.catch_up($1, $2, $3, $4)", most, s.today(), wait, at).Scan(&n)
	return n, refusal(err)
}

// behindQuery asks for what lines do not hold yet.
const behindQuery = "SELECT o_accounts, o_since FROM tf.behind($1)"

// Behind implements store.Boards.
func (s *Store) Behind(ctx context.Context) (store.Behind, error) {
	var b store.Behind
	err := scanBehind(s.pool.QueryRow(ctx, behindQuery, store.FreshWithin+1), &b)
	return b, refusal(err)
}

func scanBehind(row pgx.Row, b *store.Behind) error {
	var at *int64
	err := row.Scan(&b.Accounts, &at)
	b.Since = moment(at)
	return err
}

// fresh makes the boards hold everything that came before, unless so many accounts wait that the reader had better not. It is
// done before lines are read.
func (s *Store) fresh(ctx context.Context) error {
	b, err := s.Behind(ctx)
	if err != nil || b.Accounts == 0 || b.Accounts > store.FreshWithin {
		return err
	}
	return s.catching.Do(ctx, 2*time.Second, func() error {
		for range store.FreshWithin/atOnce + 1 {
			n, err := s.catchUp(ctx, atOnce, true, math.MaxInt64)
			if err != nil || n < atOnce {
				return lagging(err)
			}
		}
		return nil
	})
}

// freshOf makes the lines of the transaction's user hold everything that they sent.
func (s *Store) freshOf(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "SELECT tf.settle_me($1)", s.today())
	return err
}

// lagging lets a board be read as it stands while nothing can be written.
func lagging(err error) error {
	if errors.Is(err, store.ErrBusy) || errors.Is(err, store.ErrFull) {
		return nil
	}
	return err
}
