package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"tokenflex.ing/internal/server/store"
)

// judged returns the days whose standing an upload can change: its own, and those after them whose rolling lines
// reach back to it.
func judged(up *store.Upload) (from, to string) {
	from, to = up.Span()
	return from, shift(to, store.RollingDays-1)
}

func (u *upload) judged() (from, to string) { return judged(&u.Upload) }

// touched returns the days whose figures the upload can change: the judged, and those where copies came or went.
func (u *upload) touched() (from, to string) {
	from, to = u.judged()
	for _, day := range u.copied {
		from, to = min(from, day), max(to, day)
	}
	return from, to
}

func shift(day string, by int) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, by).Format(time.DateOnly)
}

// review asks the judge which cells wait and marks them. What was released stays released.
func (u *upload) review(ctx context.Context) error {
	if len(u.cells) == 0 {
		return nil
	}
	from, to := u.judged()
	seen, err := u.account(ctx, from, to)
	if err != nil {
		return err
	}
	holds, err := u.Judge(seen)
	if err != nil || len(holds) == 0 && u.plain { // nothing waits, or did
		return err
	}
	u.plain = false
	waiting, err := u.setHolds(ctx, from, to, holds)
	if err != nil {
		return err
	}
	for _, h := range waiting {
		if u.cells[store.Cell{Day: h.Day, Source: h.Source}] {
			u.receipt.Held = append(u.receipt.Held, h)
		}
	}
	return nil
}

func (u *upload) account(ctx context.Context, from, to string) (store.Review, error) {
	seen := store.Review{From: from, To: to}
	copies, err := u.copies(ctx)
	if err != nil {
		return seen, err
	}
	for k, r := range u.rows {
		if !copies[store.Place{Device: k.device, Cell: store.Cell{Day: k.Date, Source: k.Source}}] {
			seen.Rows = append(seen.Rows, r.Row)
		}
	}
	slices.SortFunc(seen.Rows, func(a, b store.Row) int { return compareRows(&a, &b) })
	if err := u.standing(ctx, &seen); err != nil {
		return seen, err
	}
	if u.known {
		seen.Before = u.earlier
		return seen, nil
	}
	const sums = "SELECT day, sum" + tokenColumns + " FROM usage_day d WHERE user_id = ? AND day >= ? AND day < ?"
	query := sums + " GROUP BY day ORDER BY day"
	if !u.plain {
		query = sums + " AND NOT " + copied + " GROUP BY day ORDER BY day"
	}
	rows, err := u.tx.QueryContext(ctx, query, u.who.User, shift(from, 1-store.RollingDays), from)
	seen.Before, err = collect(rows, err, func(r *sql.Rows, d *store.DayTotal) error { return r.Scan(&d.Day, &d.Tokens) })
	u.earlier = seen.Before
	return seen, err
}

// copies are the parts of cells that count already on another device.
func (u *upload) copies(ctx context.Context) (map[store.Place]bool, error) {
	if u.alone {
		return nil, nil
	}
	rows, err := u.tx.QueryContext(ctx, "SELECT device_id, day, source FROM copies WHERE user_id = ? AND released_at IS NULL", u.who.User)
	all, err := collect(rows, err, func(r *sql.Rows, p *store.Place) error { return r.Scan(&p.Device, &p.Day, &p.Source) })
	copies := make(map[store.Place]bool, len(all))
	for _, t := range all {
		copies[t] = true
	}
	return copies, err
}

// setHolds makes exactly these cells of the days wait, but for the released ones and those that the host holds, and
// returns those that wait.
func (u *upload) setHolds(ctx context.Context, from, to string, holds []store.Hold) ([]store.Hold, error) {
	user := u.who.User
	if _, err := u.tx.ExecContext(ctx, "DELETE FROM holds WHERE user_id = ? AND day BETWEEN ? AND ? AND released_at IS NULL AND reason <> ?", user, from, to, store.HeldByHost); err != nil {
		return nil, err
	}
	for _, h := range holds {
		_, err := u.tx.ExecContext(ctx, `INSERT INTO holds (user_id, day, source, reason, line, value, held_at) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO NOTHING`, user, h.Day, h.Source, h.Reason, h.Line, h.Value, u.At.Unix())
		if err != nil {
			return nil, err
		}
	}
	first, last := u.touched()
	for k := range u.rows { // their standing may have changed
		u.changed[k.Date] = true
	}
	for _, day := range u.copied {
		u.changed[day] = true
	}
	if err := markHeld(ctx, u.tx, user, first, last); err != nil {
		return nil, err
	}
	return holdsOf(ctx, u.tx, user, from, to)
}

// markHeld copies the state of the holds to the rows.
func markHeld(ctx context.Context, tx *sql.Tx, user int64, from, to string) error {
	const waits = `(EXISTS (SELECT 1 FROM holds h WHERE h.user_id = d.user_id AND h.day = d.day AND h.source = d.source AND h.released_at IS NULL)
		OR ` + copied + ")"
	_, err := tx.ExecContext(ctx, "UPDATE usage_day AS d SET held = "+waits+" WHERE user_id = ? AND day BETWEEN ? AND ? AND held <> "+waits, user, from, to)
	return err
}

// HoldsOf implements store.Days.
func (s *Store) HoldsOf(ctx context.Context, who store.Actor) ([]store.Hold, error) {
	return holdsOf(ctx, s.reader, who.User, store.Always.From, store.Always.To)
}

func holdsOf(ctx context.Context, q querier, user int64, from, to string) ([]store.Hold, error) {
	const tokens = "(SELECT coalesce(sum(d.input + d.cache_read + d.cache_write_5m + d.cache_write_1h + d.output), 0) FROM usage_day d WHERE d.user_id = "
	rows, err := q.QueryContext(ctx, `SELECT h.day, h.source, h.reason, h.line, h.value, `+tokens+`h.user_id AND d.day = h.day AND d.source = h.source), '', '', 0
		FROM holds h WHERE h.user_id = ?1 AND h.day BETWEEN ?2 AND ?3 AND h.released_at IS NULL
		UNION ALL SELECT c.day, c.source, ?4, 0, c.device_id, `+tokens+`c.user_id AND d.day = c.day AND d.source = c.source AND d.device_id = c.device_id),
			(SELECT name FROM devices e WHERE e.user_id = c.user_id AND e.id = c.device_id), coalesce((SELECT name FROM devices e WHERE e.user_id = c.user_id AND e.id = c.original_id), ''),
			coalesce(c.share, 0)
		FROM copies c WHERE c.user_id = ?1 AND c.day BETWEEN ?2 AND ?3 AND c.released_at IS NULL ORDER BY 1, 2, 3, 5`, user, from, to, store.ReasonCopy)
	return collect(rows, err, func(r *sql.Rows, h *store.Hold) error {
		return r.Scan(&h.Day, &h.Source, &h.Reason, &h.Line, &h.Value, &h.Tokens, &h.Device, &h.Original, &h.Share)
	})
}

// ReleaseHold implements store.Days.
func (s *Store) ReleaseHold(ctx context.Context, user int64, day, source string, at time.Time) error {
	return s.as(ctx, user, func(tx *sql.Tx) error {
		if err := s.settle(ctx, tx, user); err != nil {
			return err
		}
		released := 0
		for _, table := range []string{"holds", "copies"} {
			err := touched(tx.ExecContext(ctx, "UPDATE "+table+` SET released_at = ?
				WHERE user_id = ? AND day = ? AND source = ? AND released_at IS NULL`, at.Unix(), user, day, source))
			if err == nil {
				released++
			} else if !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		if released == 0 {
			return store.ErrNotFound
		}
		if err := markHeld(ctx, tx, user, day, day); err != nil {
			return err
		}
		if err := s.rescore(ctx, tx, user, day, day, at); err != nil {
			return err
		}
		if err := sumMonths(ctx, tx, user, []string{day}); err != nil {
			return err
		}
		return note(ctx, tx, at, user, "release", day+" "+source)
	})
}
