package sqlite

import (
	"context"
	"database/sql"
	"time"

	"tokenflex.ing/internal/server/store"
)

// score makes the lines of every period again that one of the days belongs to and that is not closed.
func score(ctx context.Context, tx *sql.Tx, user int64, days []string, at time.Time) error {
	touched := make(map[string]store.Period)
	for _, day := range days {
		t, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return err
		}
		for _, p := range store.Periods(t) {
			if !store.Closed(p.To, at) {
				touched[p.Name] = p
			}
		}
		for _, p := range store.Rolling(at) {
			if p.From <= day && day <= p.To {
				touched[p.Name] = p
			}
		}
	}
	periods := make([]store.Period, 0, len(touched))
	for _, p := range touched {
		periods = append(periods, p)
	}
	return scorePeriods(ctx, tx, user, periods)
}

// scorePeriods recomputes rather than adds: a sum made again from its parts cannot drift.
func scorePeriods(ctx context.Context, tx *sql.Tx, user int64, periods []store.Period) error {
	if len(periods) == 0 {
		return nil
	}
	lines, err := scoreLines(ctx, tx, user, periods)
	if err != nil {
		return err
	}
	for _, p := range periods {
		if _, err := tx.ExecContext(ctx, "DELETE FROM score WHERE user_id = ? AND period = ?", user, p.Name); err != nil {
			return err
		}
	}
	return putLines(ctx, tx, user, lines)
}

// scoreKey is one account's line: a period, and a source and a family or "" for all.
type scoreKey struct{ period, source, family string }

// scoreLine is a line on its way; rows come in the order of their days.
type scoreLine struct {
	store.Figures
	lastDay string // of the period
	last    string // day that was added
	timely  time.Time
	run     int // days in a row up to timely
	streak  int
}

func (l *scoreLine) add(day string, f store.Figures, timely bool) {
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
	at, err := time.Parse(time.DateOnly, day)
	if err != nil || !timely || at.Equal(l.timely) {
		return
	}
	if at.Sub(l.timely) != 24*time.Hour {
		l.run = 0
	}
	l.run++
	l.timely, l.streak = at, max(l.streak, l.run)
}

func scoreLines(ctx context.Context, tx *sql.Tx, user int64, periods []store.Period) (map[scoreKey]*scoreLine, error) {
	from, to := periods[0].From, periods[0].To
	for _, p := range periods {
		from, to = min(from, p.From), max(to, p.To)
	}
	rows, err := tx.QueryContext(ctx, `SELECT day, source, family, timely, requests, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,
		cost_uusd, unpriced FROM user_day WHERE user_id = ? AND day BETWEEN ? AND ? ORDER BY day, source, family`, user, from, to)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	lines := make(map[scoreKey]*scoreLine)
	var day, source, family string
	var timely bool
	for rows.Next() {
		var f store.Figures
		if err := rows.Scan(append([]any{&day, &source, &family, &timely}, figureFields(&f)[:9]...)...); err != nil {
			return nil, err
		}
		for _, p := range periods {
			if day < p.From || day > p.To {
				continue
			}
			for _, k := range []scoreKey{{p.Name, source, family}, {p.Name, source, ""}, {p.Name, "", family}, {p.Name, "", ""}} {
				if lines[k] == nil {
					lines[k] = &scoreLine{lastDay: p.To}
					if p.Name == "7d" || p.Name == "30d" {
						lines[k].lastDay = store.Always.To
					}
				}
				lines[k].add(day, f, timely)
			}
		}
	}
	return lines, rows.Err()
}

// lineVisibility is who sees a line of an account: hiding the tools, the models or the days takes the lines away that
// would tell them.
const lineVisibility = `CASE WHEN u.state <> 0 THEN -1 WHEN min(u.visibility, coalesce(score.closed_as, 2)) = 2 AND (u.hidden & 4 <> 0 AND score.source <> ''
	OR u.hidden & 2 <> 0 AND score.family <> '' OR u.hidden & 8 <> 0 AND length(score.period) = 10) THEN 1 ELSE min(u.visibility, coalesce(score.closed_as, 2)) END`

func putLines(ctx context.Context, tx *sql.Tx, user int64, lines map[scoreKey]*scoreLine) error {
	put, err := tx.PrepareContext(ctx, `INSERT INTO score VALUES (?, ?, ?, ?, ?, -1, NULL, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer put.Close()
	periods := make(map[string]bool)
	for k, l := range lines {
		t := l.Tokens
		_, err := put.ExecContext(ctx, user, k.period, k.source, k.family, l.lastDay, l.Requests, t.Input, t.CacheRead, t.CacheWrite5m, t.CacheWrite1h,
			t.Output, t.Reasoning, t.Total(), l.Cost, l.Unpriced, l.ActiveDays, l.streak, l.First)
		if err != nil {
			return err
		}
		periods[k.period] = true
	}
	for p := range periods {
		_, err := tx.ExecContext(ctx, "UPDATE score SET hidden = u.hidden, visibility = "+lineVisibility+
			" FROM users u WHERE u.id = score.user_id AND score.user_id = ? AND score.period = ?", user, p)
		if err != nil {
			return err
		}
	}
	return nil
}

// restand gives every line of an account the visibility that it should have. before is the account's until now: a period
// that closed under it shows the account to nobody more than it did then.
func restand(ctx context.Context, tx *sql.Tx, user int64, before store.Visibility, at time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE score SET closed_as = ?2 WHERE user_id = ?1 AND closed_as IS NULL AND last_day <= ?3
		AND (SELECT visibility FROM users WHERE id = ?1) <> ?2`, user, before, shift(at.UTC().Format(time.DateOnly), -1-store.ClosedAfter))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "UPDATE score SET hidden = u.hidden, visibility = "+lineVisibility+" FROM users u WHERE u.id = score.user_id AND score.user_id = ?", user)
	return err
}

// leaveClosed takes an account off the boards of the closed periods that the days are in: their lines stand still, so they
// cannot become smaller.
func leaveClosed(ctx context.Context, tx *sql.Tx, user int64, days []string, at time.Time) error {
	for _, day := range days {
		t, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return err
		}
		for _, p := range store.Periods(t) {
			if !store.Closed(p.To, at) {
				continue
			}
			if _, err := tx.ExecContext(ctx, "DELETE FROM score WHERE user_id = ? AND period = ?", user, p.Name); err != nil {
				return err
			}
		}
	}
	return nil
}
