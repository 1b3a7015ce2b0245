package sqlite

import (
	"context"
	"database/sql"
	"time"

	"tokenflex.ing/internal/server/store"
)

// score makes the lines of every period again that one of the days belongs to and that is not closed.
// at is when they changed, and rolling in the last day of the rolling boards.
func score(ctx context.Context, tx *sql.Tx, user int64, days []string, at, rolling time.Time) error {
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
		for _, p := range store.Rolling(rolling) {
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
	w, err := newLineWriter(ctx, tx, user)
	if err != nil {
		return err
	}
	for _, p := range periods {
		if err := w.write(ctx, p.Name, lines[p.Name]); err != nil {
			return err
		}
	}
	return nil
}

// part is what of an account's usage a line sums: a source and a family or "" for all.
type part struct{ source, family string }

// scoreLine is a line on its way; rows come in the order of their days.
type scoreLine struct {
	store.Figures
	lastDay string // of the period
	last    string // day that was added
	timely  int    // the last day that was received in time, as a number
	run     int    // days in a row up to timely
	streak  int
}

// add takes a day in; n numbers it.
func (l *scoreLine) add(day string, n int, f store.Figures, timely bool) {
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
	if !timely || l.run > 0 && n == l.timely {
		return
	}
	if n != l.timely+1 {
		l.run = 0
	}
	l.run++
	l.timely, l.streak = n, max(l.streak, l.run)
}

// scoreLines makes the lines of the periods, by their names.
func scoreLines(ctx context.Context, tx *sql.Tx, user int64, periods []store.Period) (map[string]map[part]*scoreLine, error) {
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
	lines := make(map[string]map[part]*scoreLine, len(periods))
	for _, p := range periods {
		lines[p.Name] = make(map[part]*scoreLine)
	}
	var day, source, family, before string
	var timely bool
	var f store.Figures
	var n int
	fields := append([]any{&day, &source, &family, &timely}, figureFields(&f)[:9]...)
	for rows.Next() {
		if err := rows.Scan(fields...); err != nil {
			return nil, err
		}
		if day != before {
			at, err := time.Parse(time.DateOnly, day)
			if err != nil {
				return nil, err
			}
			before, n = day, int(at.Unix()/86400)
		}
		for _, p := range periods {
			if day < p.From || day > p.To {
				continue
			}
			for _, k := range [...]part{{source, family}, {source, ""}, {"", family}, {}} {
				l := lines[p.Name][k]
				if l == nil {
					l = &scoreLine{lastDay: p.To}
					if p.Name == "7d" || p.Name == "30d" {
						l.lastDay = store.Always.To
					}
					lines[p.Name][k] = l
				}
				l.add(day, n, f, timely)
			}
		}
	}
	return lines, rows.Err()
}

// lineVisibility is who sees a line of an account, as lineWriter has it.
const lineVisibility = `CASE WHEN u.state <> 0 THEN -1 WHEN min(u.visibility, coalesce(score.closed_as, 2)) = 2 AND (u.hidden & 4 <> 0 AND score.source <> ''
	OR u.hidden & 2 <> 0 AND score.family <> '' OR u.hidden & 8 <> 0 AND length(score.period) = 10) THEN 1 ELSE min(u.visibility, coalesce(score.closed_as, 2)) END`

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
