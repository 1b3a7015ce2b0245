package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// StaleRates implements store.Housekeeping.
func (s *Store) StaleRates(ctx context.Context, book string, accounts int) ([]store.RateKey, error) {
	rows, err := s.pool.Query(ctx, "SELECT * FROM tf.stale_rates($1, $2)", book, accounts)
	return collect(rows, err, func(r pgx.Rows, k *store.RateKey) error { return r.Scan(&k.Day, &k.Model, &k.Band, &k.Tier) })
}

// rated is what reprice reads.
type rated struct {
	Day          string     `json:"day"`
	Model        string     `json:"model"`
	Band         usage.Band `json:"band"`
	Tier         usage.Tier `json:"tier"`
	Family       string     `json:"family"`
	Priced       bool       `json:"priced"`
	Input        int64      `json:"input"`
	CacheRead    int64      `json:"cache_read"`
	CacheWrite5m int64      `json:"cache_write_5m"`
	CacheWrite1h int64      `json:"cache_write_1h"`
	Output       int64      `json:"output"`
}

// Reprice implements store.Housekeeping. The database works the costs out itself: the server's role sees nobody's rows.
func (s *Store) Reprice(ctx context.Context, r store.Repricing) (int, error) {
	rates := make([]rated, len(r.Rates))
	for i, k := range r.Rates {
		rates[i] = rated{k.Day, k.Model, k.Band, k.Tier, k.Family, k.Priced, k.Input, k.CacheRead, k.CacheWrite5m, k.CacheWrite1h, k.Output}
	}
	var done int
	err := s.pool.QueryRow(ctx, "SELECT tf.reprice($1, $2, $3, $4)", r.Book, rates, r.At.Unix(), r.Most).Scan(&done)
	return done, refusal(err)
}

// EndRepricing implements store.Housekeeping.
func (s *Store) EndRepricing(ctx context.Context, book string, at time.Time) error {
	_, err := s.pool.Exec(ctx, "SELECT tf.end_repricing($1, $2)", book, at.Unix())
	return refusal(err)
}

// Repricings implements store.Housekeeping.
func (s *Store) Repricings(ctx context.Context, limit int) ([]store.Repriced, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, book, started_at, finished_at, accounts, moved, books, models
		FROM tf.public_repricings ORDER BY id DESC LIMIT $1`, limit)
	all, err := collect(rows, err, func(row pgx.Rows, r *store.Repriced) error {
		var started int64
		var finished *int64
		err := row.Scan(&r.ID, &r.To, &started, &finished, &r.Accounts, &r.Moved, &r.From, &r.Models)
		r.Started, r.Finished = time.Unix(started, 0).UTC(), moment(finished)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range all {
		rows, err := s.pool.Query(ctx, "SELECT handle, rows, before, after FROM tf.public_repriced WHERE repricing = $1 ORDER BY handle", all[i].ID)
		all[i].Lines, err = collect(rows, err, func(r pgx.Rows, l *store.RepricedLine) error { return r.Scan(&l.Handle, &l.Rows, &l.Before, &l.Now) })
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}
