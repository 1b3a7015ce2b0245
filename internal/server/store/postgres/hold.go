package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
)

// judged returns the days whose standing the upload can change: its own, and those after them whose rolling lines
// reach back to it.
func (u *upload) judged() (from, to string) {
	for _, d := range u.Days {
		if from == "" || d.Date < from {
			from = d.Date
		}
		to = max(to, d.Date)
	}
	return from, shift(to, store.RollingDays-1)
}

func shift(day string, by int) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, by).Format(time.DateOnly)
}

// hold is what set_holds reads.
type hold struct {
	Day    string `json:"day"`
	Source string `json:"source"`
	Reason string `json:"reason"`
	Line   int64  `json:"line"`
	Value  int64  `json:"value"`
}

// review asks the judge which cells wait and marks them. What was released stays released.
func (u *upload) review(ctx context.Context) error {
	if len(u.Days) == 0 {
		return nil
	}
	from, to := u.judged()
	seen, err := u.account(ctx, from, to)
	if err != nil {
		return err
	}
	verdict, err := u.Judge(seen)
	if err != nil {
		return err
	}
	holds := make([]hold, len(verdict))
	for i, h := range verdict {
		holds[i] = hold{h.Day, h.Source, h.Reason, h.Line, h.Value}
	}
	if _, err := u.tx.Exec(ctx, "SELECT tf.set_holds($1, $2, $3, $4)", from, to, holds, u.At.Unix()); err != nil {
		return err
	}
	waiting, err := holdsOf(ctx, u.tx, u.who.User, from, to)
	named := u.cells()
	for _, h := range waiting {
		if named[cell{h.Day, h.Source}] {
			u.receipt.Held = append(u.receipt.Held, h)
		}
	}
	return err
}

func (u *upload) account(ctx context.Context, from, to string) (store.Review, error) {
	seen := store.Review{From: from, To: to}
	rows, err := u.tx.Query(ctx, "SELECT "+dayColumns+", device_id FROM tf.usage_day WHERE user_id = $1 AND day BETWEEN $2 AND $3", u.who.User, from, to)
	seen.Rows, err = collect(rows, err, scanRow)
	if err != nil {
		return seen, err
	}
	rows, err = u.tx.Query(ctx, `SELECT day, sum(input + cache_read + cache_write_5m + cache_write_1h + output)::bigint
		FROM tf.usage_day WHERE user_id = $1 AND day >= $2 AND day < $3 GROUP BY day ORDER BY day`,
		u.who.User, shift(from, 1-store.RollingDays), from)
	seen.Before, err = collect(rows, err, func(r pgx.Rows, d *store.DayTotal) error { return r.Scan(&d.Day, &d.Tokens) })
	return seen, err
}

// HoldsOf implements store.Days.
func (s *Store) HoldsOf(ctx context.Context, who store.Actor) ([]store.Hold, error) {
	var all []store.Hold
	err := s.as(ctx, who, s.now(), func(tx pgx.Tx) error {
		var err error
		all, err = holdsOf(ctx, tx, who.User, store.Always.From, store.Always.To)
		return err
	})
	return all, err
}

func holdsOf(ctx context.Context, tx pgx.Tx, user int64, from, to string) ([]store.Hold, error) {
	rows, err := tx.Query(ctx, `SELECT h.day, h.source, h.reason, h.line, h.value,
		(SELECT coalesce(sum(d.input + d.cache_read + d.cache_write_5m + d.cache_write_1h + d.output), 0)::bigint
			FROM tf.usage_day d WHERE d.user_id = h.user_id AND d.day = h.day AND d.source = h.source)
		FROM tf.holds h WHERE h.user_id = $1 AND h.day BETWEEN $2 AND $3 AND h.released_at IS NULL ORDER BY h.day, h.source`, user, from, to)
	return collect(rows, err, func(r pgx.Rows, h *store.Hold) error {
		return r.Scan(&h.Day, &h.Source, &h.Reason, &h.Line, &h.Value, &h.Tokens)
	})
}

// ReleaseHold implements store.Days. It is the host's.
func (s *Store) ReleaseHold(ctx context.Context, user int64, day, source string, at time.Time) error {
	return s.hostAs(ctx, user, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "SELECT tf.release_hold($1, $2, $3)", day, source, at.Unix())
		return err
	})
}
