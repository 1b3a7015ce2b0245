package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/server/store"
)

// atOnce is how many accounts' lines are made again in one transaction, so that uploads come between.
const atOnce = 4

// allRested is when no account's lines are left alone any more.
var allRested = time.Unix(1<<40, 0)

// debt is what an account's lines do not hold yet.
type debt struct {
	at   time.Time
	days []string
}

func debtOf(ctx context.Context, q querier, user int64) (debt, error) {
	var at int64
	var days string
	err := q.QueryRowContext(ctx, "SELECT at, days FROM due WHERE user_id = ?", user).Scan(&at, &days)
	if errors.Is(err, sql.ErrNoRows) {
		return debt{}, nil
	}
	return debt{time.Unix(at, 0).UTC(), strings.Fields(days)}, err
}

// with is the debt with more days. What an account owes is all of one day, since it depends on the day which periods are closed.
func (d debt) with(days []string, at time.Time) (all debt, more bool) {
	all = debt{d.at, slices.Clone(d.days)}
	for _, day := range days {
		if !slices.Contains(d.days, day) {
			all.days = append(all.days, day)
		}
	}
	if len(all.days) == len(d.days) { // nothing that is not noted
		return d, false
	}
	if len(d.days) == 0 {
		all.at = second(at)
	}
	slices.Sort(all.days)
	return all, true
}

// restUntil is until when the lines of an account are left alone whose device sends now, and had sent before.
func restUntil(synced, now time.Time) time.Time {
	if ago := now.Sub(synced); ago >= 0 && ago < store.RestFor {
		return now.Add(store.RestFor)
	}
	return now
}

const putDue = "INSERT INTO due (user_id, at, days, not_before) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET days = excluded.days"

func (d debt) values(user int64, rest time.Time) []driver.Value {
	return []driver.Value{user, d.at.Unix(), strings.Join(d.days, " "), rest.Unix()}
}

// owe notes the days whose sums the upload changed.
func (u *upload) owe(ctx context.Context) error {
	owed, more := u.owed.with(slices.Collect(maps.Keys(u.changed)), u.At)
	if !more {
		return nil
	}
	u.owed = owed
	return u.run(ctx, putDue, owed.values(u.who.User, restUntil(u.synced, u.At))...)
}

// settle makes an account's sums by family and its lines hold everything that came before. It is done before anything that lines must not show as it came.
func (s *Store) settle(ctx context.Context, tx *sql.Tx, user int64) error {
	owed, err := debtOf(ctx, tx, user)
	if err != nil || len(owed.days) == 0 {
		return err
	}
	rolling, err := s.rollingDay(ctx, tx, owed.at)
	if err != nil {
		return err
	}
	days, err := rollUp(ctx, tx, user, slices.Min(owed.days), slices.Max(owed.days))
	if err != nil {
		return err
	}
	if err := score(ctx, tx, user, days, owed.at, rolling); err != nil {
		return err
	}
	if err := sumMonths(ctx, tx, user, owed.days); err != nil {
		return err
	}
	if err := s.indexPrints(ctx, tx, user, slices.Min(owed.days), slices.Max(owed.days)); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM due WHERE user_id = ?", user)
	return err
}

// rollingDay is the last day of the rolling boards for a change at a time: they may have moved on since. A day that is still
// to come is of a clock that has gone back, and is no reason to.
func (s *Store) rollingDay(ctx context.Context, tx *sql.Tx, at time.Time) (time.Time, error) {
	var day string
	err := tx.QueryRowContext(ctx, "SELECT coalesce(max(day), '') FROM rolling").Scan(&day)
	if err != nil || day <= at.UTC().Format(time.DateOnly) || day > s.now().UTC().Format(time.DateOnly) {
		return at, err
	}
	return time.Parse(time.DateOnly, day)
}

// stepWithin is after how long no further account joins a transaction that goes over many: their pages may have to come from a slow
// disk, and uploads wait.
const stepWithin = 50 * time.Millisecond

// CatchUp implements store.Housekeeping.
func (s *Store) CatchUp(ctx context.Context, most int, at time.Time) (int, error) {
	n := 0
	err := s.anonymous(ctx, func(tx *sql.Tx) error {
		begun := time.Now()
		rows, err := tx.QueryContext(ctx, "SELECT user_id FROM due WHERE not_before <= ? ORDER BY at LIMIT ?", at.Unix(), most)
		users, err := collect(rows, err, func(r *sql.Rows, id *int64) error { return r.Scan(id) })
		for _, user := range users {
			if err != nil || n > 0 && time.Since(begun) > stepWithin {
				return err
			}
			was := s.recents.see(user)
			err = s.become(ctx, tx, user, func(tx *sql.Tx) error { return s.settle(ctx, tx, user) })
			if err == nil && was != nil { // but for what it owed it is as it was
				is := *was
				is.owed = debt{}
				s.committed = append(s.committed, func() { s.recents.put(user, &is) })
			}
			n++
		}
		return err
	})
	return n, err
}

// Behind implements store.Boards.
func (s *Store) Behind(ctx context.Context) (store.Behind, error) {
	var b store.Behind
	var at sql.NullInt64
	err := s.reader.QueryRowContext(ctx, "SELECT count(*), min(at) FROM (SELECT at FROM due ORDER BY at LIMIT ?)", store.FreshWithin+1).Scan(&b.Accounts, &at)
	b.Since = timeOrZero(at)
	return b, err
}

// fresh makes the boards hold everything that came before, unless so many accounts wait that the reader had better not. It is
// done before lines are read.
func (s *Store) fresh(ctx context.Context) error {
	b, err := s.Behind(ctx)
	if err != nil || b.Accounts == 0 || b.Accounts > store.FreshWithin {
		return err
	}
	return s.catching.Do(ctx, 2*time.Second, func() error {
		for range store.FreshWithin + 1 { // a slow step does one account
			if b, err := s.Behind(ctx); err != nil || b.Accounts == 0 {
				return err
			}
			if _, err := s.CatchUp(ctx, atOnce, allRested); err != nil {
				return lagging(err)
			}
		}
		return nil
	})
}

// freshOf makes one account's lines hold everything that it sent.
func (s *Store) freshOf(ctx context.Context, user int64) error {
	owed, err := debtOf(ctx, s.reader, user)
	if err != nil || len(owed.days) == 0 {
		return err
	}
	return lagging(s.as(ctx, user, func(tx *sql.Tx) error { return s.settle(ctx, tx, user) }))
}

// lagging lets a board be read as it stands while nothing can be written.
func lagging(err error) error {
	if errors.Is(err, store.ErrBusy) || errors.Is(err, store.ErrFull) {
		return nil
	}
	return err
}
