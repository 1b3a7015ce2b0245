package postgres

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
)

// judged returns the days whose standing the upload can change: its own, and those after them whose rolling lines
// reach back to it.
func (u *upload) judged() (from, to string) {
	from, to = u.Span()
	return from, shift(to, store.RollingDays-1)
}

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

// hold is what set_holds reads.
type hold struct {
	Day    string `json:"day"`
	Source string `json:"source"`
	Reason string `json:"reason"`
	Line   int64  `json:"line"`
	Value  int64  `json:"value"`
}

// review asks the judge which cells wait and marks them. What was released stays released.
func (u *upload) review(ctx context.Context, seen store.Review) error {
	var copies map[store.Place]bool
	if !u.alone {
		var err error
		if copies, err = u.setCopies(ctx); err != nil {
			return err
		}
		b := &pgx.Batch{}
		u.standing(b, &seen)
		if err := u.ask(ctx, b); err != nil {
			return err
		}
	}
	seen.Rows = u.sorted(copies)
	verdict, err := u.Judge(seen)
	if err != nil || len(verdict) == 0 && u.plain { // nothing waits, or did
		return err
	}
	return u.setHolds(ctx, seen.From, seen.To, verdict)
}

// sorted are the account's rows but for those of copies that wait.
func (u *upload) sorted(copies map[store.Place]bool) []store.Row {
	all := make([]store.Row, 0, len(u.rows))
	for k, r := range u.rows {
		if !copies[store.Place{Device: k.device, Cell: store.Cell{Day: k.Date, Source: k.Source}}] {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b store.Row) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Device, b.Device), cmp.Compare(a.Model, b.Model),
			cmp.Compare(a.Band, b.Band), cmp.Compare(a.Tier, b.Tier))
	})
	return all
}

// setHolds makes exactly these cells of the days wait, but for the released ones and those that the host holds.
func (u *upload) setHolds(ctx context.Context, from, to string, verdict []store.Hold) error {
	holds := make([]hold, len(verdict))
	for i, h := range verdict {
		holds[i] = hold{h.Day, h.Source, h.Reason, h.Line, h.Value}
	}
	if _, err := u.tx.Exec(ctx, "SELECT tf.set_holds($1, $2, $3, $4)", from, to, holds, u.At.Unix()); err != nil {
		return err
	}
	for k := range u.rows { // their standing may have changed
		u.changed[k.Date] = true
	}
	if len(u.copied) > 0 {
		first, last := u.touched()
		if _, err := u.tx.Exec(ctx, "SELECT tf.mark_copies($1, $2)", first, last); err != nil {
			return err
		}
		for _, day := range u.copied {
			u.changed[day] = true
		}
	}
	waiting, err := holdsOf(ctx, u.tx, u.who.User, from, to)
	for _, h := range waiting {
		if u.cells[store.Cell{Day: h.Day, Source: h.Source}] {
			u.receipt.Held = append(u.receipt.Held, h)
		}
	}
	return err
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

func holdsOf(ctx context.Context, tx asker, user int64, from, to string) ([]store.Hold, error) {
	const tokens = "(SELECT coalesce(sum(d.input + d.cache_read + d.cache_write_5m + d.cache_write_1h + d.output), 0)::bigint FROM tf.usage_day d WHERE d.user_id = "
	rows, err := tx.Query(ctx, `SELECT h.day, h.source, h.reason, h.line, h.value, `+tokens+`h.user_id AND d.day = h.day AND d.source = h.source), '', '', 0
		FROM tf.holds h WHERE h.user_id = $1 AND h.day BETWEEN $2 AND $3 AND h.released_at IS NULL
		UNION ALL SELECT c.day, c.source, $4, 0, c.device_id, `+tokens+`c.user_id AND d.day = c.day AND d.source = c.source AND d.device_id = c.device_id),
			(SELECT name FROM tf.devices e WHERE e.user_id = c.user_id AND e.id = c.device_id), coalesce((SELECT name FROM tf.devices e WHERE e.user_id = c.user_id AND e.id = c.original_id), ''),
			coalesce(c.share, 0)
		FROM tf.copies c WHERE c.user_id = $1 AND c.day BETWEEN $2 AND $3 AND c.released_at IS NULL ORDER BY 1, 2, 3, 5`, user, from, to, store.ReasonCopy)
	return collect(rows, err, func(r pgx.Rows, h *store.Hold) error {
		return r.Scan(&h.Day, &h.Source, &h.Reason, &h.Line, &h.Value, &h.Tokens, &h.Device, &h.Original, &h.Share)
	})
}

// ReleaseHold implements store.Days. It is the host's.
func (s *Store) ReleaseHold(ctx context.Context, user int64, day, source string, at time.Time) error {
	return s.hostAs(ctx, user, func(tx pgx.Tx) error {
		var copies int
		if err := tx.QueryRow(ctx, "SELECT tf.release_copies($1, $2, $3)", day, source, at.Unix()).Scan(&copies); err != nil {
			return err
		}
		err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, "SELECT tf.release_hold($1, $2, $3)", day, source, at.Unix())
			return err
		})
		if copies > 0 && errors.Is(refusal(err), store.ErrNotFound) {
			return rollUp(ctx, tx, day, day, at)
		}
		return err
	})
}
