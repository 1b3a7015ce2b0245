package sqlite

import (
	"context"
	"database/sql"

	"tokenflex.ing/internal/server/store"
)

// lineWriter brings lines of an account up to what they should be. Most of what changes is in three of the six indexes of lines:
// what did not change is left alone.
type lineWriter struct {
	tx         *sql.Tx
	user       int64
	suspended  bool
	visibility store.Visibility
	hidden     store.Hidden
}

func newLineWriter(ctx context.Context, tx *sql.Tx, user int64) (*lineWriter, error) {
	w := &lineWriter{tx: tx, user: user}
	err := tx.QueryRowContext(ctx, "SELECT state <> 0, visibility, hidden FROM users WHERE id = ?", user).Scan(&w.suspended, &w.visibility, &w.hidden)
	return w, notFound(err)
}

// sees is who sees a line of an open period: hiding the tools, the models or the days takes the lines away that would tell them.
func (w *lineWriter) sees(period string, p part) int {
	switch {
	case w.suspended:
		return -1
	case w.visibility == store.Public && (w.hidden.Has(store.HideSources) && p.source != "" || w.hidden.Has(store.HideModels) && p.family != "" ||
		w.hidden.Has(store.HideDays) && len(period) == 10):
		return int(store.Aggregate)
	}
	return int(w.visibility)
}

// keptLine is a line that is there.
type keptLine struct {
	figures store.Figures
	streak  int
	sees    int
	hidden  store.Hidden
	lastDay string
}

func (w *lineWriter) kept(ctx context.Context, period string) (map[part]keptLine, error) {
	rows, err := w.tx.QueryContext(ctx, `SELECT source, family, last_day, visibility, hidden, streak, requests, input, cache_read, cache_write_5m,
		cache_write_1h, output, reasoning, cost_uusd, unpriced, active_days, first_day FROM score WHERE user_id = ? AND period = ?`, w.user, period)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	kept := make(map[part]keptLine)
	var p part
	var k keptLine
	fields := append([]any{&p.source, &p.family, &k.lastDay, &k.sees, &k.hidden, &k.streak}, figureFields(&k.figures)...)
	for rows.Next() {
		if err := rows.Scan(fields...); err != nil {
			return nil, err
		}
		kept[p] = k
	}
	return kept, rows.Err()
}

// write makes exactly these the account's lines of a period.
func (w *lineWriter) write(ctx context.Context, period string, lines map[part]*scoreLine) error {
	kept, err := w.kept(ctx, period)
	if err != nil {
		return err
	}
	for p := range kept {
		if lines[p] != nil {
			continue
		}
		if _, err := w.tx.ExecContext(ctx, "DELETE FROM score WHERE user_id = ? AND period = ? AND source = ? AND family = ?", w.user, period, p.source, p.family); err != nil {
			return err
		}
	}
	for p, l := range lines {
		is := keptLine{l.Figures, l.streak, w.sees(period, p), w.hidden, l.lastDay}
		was, known := kept[p]
		if known && was == is {
			continue
		}
		if err := w.put(ctx, period, p, is, was, known); err != nil {
			return err
		}
	}
	return nil
}

func (w *lineWriter) put(ctx context.Context, period string, p part, is, was keptLine, known bool) error {
	f, t := is.figures, is.figures.Tokens
	was.figures.Requests, was.figures.Tokens, was.figures.Cost, was.figures.Unpriced = f.Requests, t, f.Cost, f.Unpriced
	if known && was == is { // sums grew, and nothing else
		_, err := w.tx.ExecContext(ctx, `UPDATE score SET requests = ?, input = ?, cache_read = ?, cache_write_5m = ?, cache_write_1h = ?, output = ?,
			reasoning = ?, tokens = ?, cost_uusd = ?, unpriced = ? WHERE user_id = ? AND period = ? AND source = ? AND family = ?`,
			f.Requests, t.Input, t.CacheRead, t.CacheWrite5m, t.CacheWrite1h, t.Output, t.Reasoning, t.Total(), f.Cost, f.Unpriced, w.user, period, p.source, p.family)
		return err
	}
	_, err := w.tx.ExecContext(ctx, "REPLACE INTO score VALUES (?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		w.user, period, p.source, p.family, is.lastDay, is.sees, is.hidden, f.Requests, t.Input, t.CacheRead, t.CacheWrite5m, t.CacheWrite1h,
		t.Output, t.Reasoning, t.Total(), f.Cost, f.Unpriced, f.ActiveDays, is.streak, f.First)
	return err
}
