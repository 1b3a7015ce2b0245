package sqlite

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// staleUsers are the next accounts with rows of the oldest book, in order: with everybody's rows stale, as after a new book, finding some must
// not read all.
const staleUsers = "SELECT DISTINCT user_id FROM usage_day WHERE book = (SELECT min(book) FROM usage_day WHERE book < ?1) ORDER BY user_id LIMIT ?2"

// StaleRates implements store.Housekeeping.
func (s *Store) StaleRates(ctx context.Context, book string, accounts int) ([]store.RateKey, error) {
	var keys []store.RateKey
	err := s.anonymous(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT DISTINCT day, model, band, tier FROM usage_day
			WHERE book < ?1 AND user_id IN (`+staleUsers+") ORDER BY 1, 2, 3, 4", book, accounts)
		keys, err = collect(rows, err, func(r *sql.Rows, k *store.RateKey) error { return r.Scan(&k.Day, &k.Model, &k.Band, &k.Tier) })
		return err
	})
	return keys, err
}

// Reprice implements store.Housekeeping.
func (s *Store) Reprice(ctx context.Context, r store.Repricing) (int, error) {
	rates, families := make(map[store.RateKey]store.Rated, len(r.Rates)), make(map[string]string)
	for _, k := range r.Rates {
		rates[k.RateKey] = k
		families[k.Model] = k.Family
	}
	done := 0
	err := s.anonymous(ctx, func(tx *sql.Tx) error {
		begun := time.Now()
		if err := nameModels(ctx, tx, families); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, staleUsers, r.Book, r.Most)
		users, err := collect(rows, err, func(r *sql.Rows, id *int64) error { return r.Scan(id) })
		if err != nil {
			return err
		}
		log, err := repricing(ctx, tx, r, len(users) > 0)
		if err != nil {
			return err
		}
		for _, user := range users {
			if done > 0 && time.Since(begun) > stepWithin {
				break
			}
			n := 0
			err := s.become(ctx, tx, user, func(tx *sql.Tx) error {
				var err error
				n, err = s.repriceUser(ctx, tx, log, user, r, rates)
				return err
			})
			if err != nil {
				return err
			}
			if n > 0 {
				done++
			}
		}
		return nil
	})
	return done, err
}

// repricing returns the log's entry for the book that is not finished, and makes it if there is something to do.
func repricing(ctx context.Context, tx *sql.Tx, r store.Repricing, something bool) (int64, error) {
	var id int64
	err := tx.QueryRowContext(ctx, "SELECT id FROM repricings WHERE book = ? AND finished_at IS NULL", r.Book).Scan(&id)
	if notFound(err) != store.ErrNotFound || !something {
		return id, err
	}
	err = tx.QueryRowContext(ctx, "INSERT INTO repricings (book, started_at) VALUES (?, ?) RETURNING id", r.Book, r.At.Unix()).Scan(&id)
	return id, err
}

// repriceUser prices an account's rows again and returns how many it did.
func (s *Store) repriceUser(ctx context.Context, tx *sql.Tx, log, user int64, r store.Repricing, rates map[store.RateKey]store.Rated) (int, error) {
	type stale struct {
		store.Row
		book string
		held bool
	}
	rows, err := tx.QueryContext(ctx, "SELECT "+dayColumns+", device_id, book, held FROM usage_day WHERE user_id = ? AND book < ?", user, r.Book)
	all, err := collect(rows, err, func(r *sql.Rows, row *stale) error {
		t := &row.Tokens
		return r.Scan(&row.Date, &row.Source, &row.Model, &row.Band, &row.Tier, &row.Requests, &t.Input, &t.CacheRead, &t.CacheWrite5m,
			&t.CacheWrite1h, &t.Output, &t.Reasoning, &row.Cost, &row.Priced, &row.Device, &row.book, &row.held)
	})
	if err != nil {
		return 0, err
	}
	if err := s.settle(ctx, tx, user); err != nil {
		return 0, err
	}
	n := 0
	var before, after usage.Money
	for _, row := range all {
		price, known := rates[store.RateKey{Day: row.Date, Model: row.Model, Band: row.Band, Tier: row.Tier}]
		if !known {
			continue
		}
		n++
		var cost usage.Money
		if price.Priced {
			cost = price.Cost(row.Tokens)
		}
		if !row.held {
			before, after = before.Add(row.Cost), after.Add(cost)
		}
		_, err := tx.ExecContext(ctx, `UPDATE usage_day SET cost_uusd = ?, priced = ?, book = ? WHERE user_id = ? AND device_id = ?
			AND day = ? AND source = ? AND model = ? AND band = ? AND tier = ?`,
			cost, price.Priced, r.Book, user, row.Device, row.Date, row.Source, row.Model, row.Band, row.Tier)
		if err != nil {
			return 0, err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO repriced_books VALUES (?, ?) ON CONFLICT DO NOTHING", log, row.book); err != nil {
			return 0, err
		}
		if cost != row.Cost || price.Priced != row.Priced {
			if _, err := tx.ExecContext(ctx, "INSERT INTO repriced_models VALUES (?, ?) ON CONFLICT DO NOTHING", log, row.Model); err != nil {
				return 0, err
			}
		}
	}
	if n == 0 {
		return 0, nil
	}
	if err := forget(ctx, tx, user); err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO repriced_users VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET rows = rows + excluded.rows, before = before + excluded.before, after = after + excluded.after`, log, user, n, before, after)
	if err != nil {
		return 0, err
	}
	return n, s.rescore(ctx, tx, user, store.Always.From, store.Always.To, r.At)
}

// EndRepricing implements store.Housekeeping.
func (s *Store) EndRepricing(ctx context.Context, book string, at time.Time) error {
	return s.anonymous(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE repricings SET finished_at = ?2,
			accounts = (SELECT count(*) FROM repriced_users u WHERE u.repricing = repricings.id),
			moved = (SELECT count(*) FROM repriced_users u WHERE u.repricing = repricings.id AND u.before <> u.after)
			WHERE book = ?1 AND finished_at IS NULL AND NOT EXISTS (SELECT 1 FROM usage_day WHERE book < ?1)`, book, at.Unix())
		return err
	})
}

// Repricings implements store.Housekeeping.
func (s *Store) Repricings(ctx context.Context, limit int) ([]store.Repriced, error) {
	rows, err := s.public.QueryContext(ctx, `SELECT id, book, started_at, finished_at, accounts, moved, books, models
		FROM public_repricings ORDER BY id DESC LIMIT ?`, limit)
	all, err := collect(rows, err, func(row *sql.Rows, r *store.Repriced) error {
		var started int64
		var finished sql.NullInt64
		var books, models string
		err := row.Scan(&r.ID, &r.To, &started, &finished, &r.Accounts, &r.Moved, &books, &models)
		r.Started, r.From, r.Models = time.Unix(started, 0).UTC(), strings.Fields(books), strings.Fields(models)
		if finished.Valid {
			r.Finished = time.Unix(finished.Int64, 0).UTC()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range all {
		rows, err := s.public.QueryContext(ctx, "SELECT handle, rows, before, after FROM public_repriced WHERE repricing = ? ORDER BY handle", all[i].ID)
		all[i].Lines, err = collect(rows, err, func(r *sql.Rows, l *store.RepricedLine) error { return r.Scan(&l.Handle, &l.Rows, &l.Before, &l.Now) })
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}
