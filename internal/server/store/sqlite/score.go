package sqlite

import (
	"context"
	"database/sql"
	"time"

	"tokenflex.ing/internal/server/store"
)

// score makes the lines of every period again that one of the days belongs to, in one walk over the account's days.
func score(ctx context.Context, tx *sql.Tx, user int64, days []string) error {
	touched := make(map[string]bool)
	for _, day := range days {
		periods, err := periodsOf(day)
		if err != nil {
			return err
		}
		for _, p := range periods {
			touched[p.Name] = true
		}
	}
	lines, err := scoreLines(ctx, tx, user, touched)
	if err != nil {
		return err
	}
	for period := range touched {
		if _, err := tx.ExecContext(ctx, "DELETE FROM score WHERE user_id = ? AND period = ?", user, period); err != nil {
			return err
		}
	}
	return putLines(ctx, tx, user, lines)
}

func periodsOf(day string) ([]store.Period, error) {
	t, err := time.Parse(time.DateOnly, day)
	return store.Periods(t), err
}

// scoreKey is one account's line: a period, and a source or "" for all.
type scoreKey struct{ period, source string }

// scoreLine is a line on its way; rows come in the order of their days.
type scoreLine struct {
	store.Figures
	last string // day
}

func (l *scoreLine) add(day string, f store.Figures) {
	if l.last != day {
		l.ActiveDays++
		l.last = day
	}
	if l.First == "" {
		l.First = day
	}
	l.Requests += f.Requests
	l.Tokens = l.Tokens.Add(f.Tokens)
	l.Cost = l.Cost.Add(f.Cost)
	l.Unpriced += f.Unpriced
}

func scoreLines(ctx context.Context, tx *sql.Tx, user int64, touched map[string]bool) (map[scoreKey]*scoreLine, error) {
	rows, err := tx.QueryContext(ctx, `SELECT day, source, requests, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,
		cost_uusd, unpriced FROM user_day WHERE user_id = ? ORDER BY day, source`, user)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	lines := make(map[scoreKey]*scoreLine)
	var day, source, last string
	var periods []store.Period
	for rows.Next() {
		var f store.Figures
		if err := rows.Scan(append([]any{&day, &source}, figureFields(&f)[:9]...)...); err != nil {
			return nil, err
		}
		if day != last {
			if periods, err = periodsOf(day); err != nil {
				return nil, err
			}
			last = day
		}
		for _, p := range periods {
			if !touched[p.Name] {
				continue
			}
			for _, k := range []scoreKey{{p.Name, source}, {p.Name, ""}} {
				if lines[k] == nil {
					lines[k] = &scoreLine{}
				}
				lines[k].add(day, f)
			}
		}
	}
	return lines, rows.Err()
}

func putLines(ctx context.Context, tx *sql.Tx, user int64, lines map[scoreKey]*scoreLine) error {
	var visibility int
	err := tx.QueryRowContext(ctx, "SELECT CASE state WHEN 0 THEN visibility ELSE -1 END FROM users WHERE id = ?", user).Scan(&visibility)
	if err != nil {
		return notFound(err)
	}
	put, err := tx.PrepareContext(ctx, "INSERT INTO score VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer put.Close()
	for k, l := range lines {
		t := l.Tokens
		_, err := put.ExecContext(ctx, user, k.period, k.source, visibility, l.Requests, t.Input, t.CacheRead, t.CacheWrite5m, t.CacheWrite1h,
			t.Output, t.Reasoning, t.Total(), l.Cost, l.Unpriced, l.ActiveDays, l.First)
		if err != nil {
			return err
		}
	}
	return nil
}
