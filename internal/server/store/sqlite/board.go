package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/server/store"
)

// ranking is where a metric stands in score, and the views of the lines that everybody may see ranked by it and of their places.
type ranking struct{ column, view, marks string }

var rankings = map[store.Metric]ranking{
	store.ByTokens:     {"tokens", "public_lines", "public_marks"},
	store.ByOutput:     {"output", "public_lines", "public_marks"},
	store.ByCost:       {"cost_uusd", "public_lines_cost", "public_marks_cost"},
	store.ByActiveDays: {"active_days", "public_lines_days", "public_marks_days"},
	store.ByStreak:     {"streak", "public_lines_days", "public_marks_days"},
}

// rankingOf returns names that are never taken from a request.
func rankingOf(m store.Metric) (ranking, error) {
	r, ok := rankings[m]
	if !ok {
		return r, fmt.Errorf("no metric %q", m)
	}
	return r, nil
}

// lineQuery selects lines of a board: its period is ?1, its source ?2 and its family ?3.
func (r ranking) lineQuery(from, where string) string {
	return "SELECT s.user_id, handle, s.hidden, coalesce(streak, 0), s." + r.column + `, s.requests, s.input, s.cache_read, s.cache_write_5m, s.cache_write_1h,
		s.output, s.reasoning, coalesce(s.cost_uusd, 0), coalesce(s.unpriced, 0), coalesce(s.active_days, 0), coalesce(s.first_day, '')
		FROM ` + from + " WHERE s.period = ?1 AND s.source = ?2 AND s.family = ?3 AND " + where
}

func scanLine(row interface{ Scan(...any) error }, l *store.Line) error {
	return notFound(row.Scan(append([]any{&l.User, &l.Handle, &l.Hidden, &l.Streak, &l.Value}, figureFields(&l.Figures)...)...))
}

// Fresh implements store.Boards.
func (s *Store) Fresh(ctx context.Context) error { return s.fresh(ctx) }

// Page implements store.Boards.
func (s *Store) Page(ctx context.Context, b store.Board, after *store.Mark, limit int, own int64) (store.Page, error) {
	var p store.Page
	r, err := rankingOf(b.Metric)
	if err != nil {
		return p, err
	}
	if p.Behind, err = s.Behind(ctx); err != nil {
		return p, err
	}
	where, args := "true", []any{b.Period, b.Source, b.Family, limit}
	if after != nil {
		where = "(s." + r.column + ", s.user_id) < (?5, ?6)"
		args = append(args, after.Value, after.User)
	}
	rows, err := s.public.QueryContext(ctx, r.lineQuery(r.view+" s", where)+" ORDER BY s."+r.column+" DESC, s.user_id DESC LIMIT ?4", args...)
	p.Lines, err = collect(rows, err, func(r *sql.Rows, l *store.Line) error { return scanLine(r, l) })
	if err == nil && own != 0 {
		p.Own, err = s.LinesOf(ctx, b, []int64{own})
	}
	return p, err
}

// LinesOf implements store.Boards.
func (s *Store) LinesOf(ctx context.Context, b store.Board, users []int64) ([]store.Line, error) {
	r, err := rankingOf(b.Metric)
	if err != nil || len(users) == 0 {
		return nil, err
	}
	marks, args := list(users)
	rows, err := s.public.QueryContext(ctx, r.lineQuery(r.view+" s", "s.user_id IN ("+marks+")")+" ORDER BY s."+r.column+" DESC, s.user_id DESC",
		append([]any{b.Period, b.Source, b.Family}, args...)...)
	return collect(rows, err, func(r *sql.Rows, l *store.Line) error { return scanLine(r, l) })
}

// list returns as many question marks as there are ids, and the ids as arguments.
func list(ids []int64) (marks string, args []any) {
	for _, id := range ids {
		args = append(args, id)
	}
	return strings.Repeat(", ?", len(ids))[2:], args
}

// LineOf implements store.Boards.
func (s *Store) LineOf(ctx context.Context, b store.Board, reader store.Actor, user int64) (store.Line, error) {
	var l store.Line
	r, err := rankingOf(b.Metric)
	if err != nil {
		return l, err
	}
	if err := s.freshOf(ctx, user); err != nil {
		return l, err
	}
	args := []any{b.Period, b.Source, b.Family, user}
	if reader.User == 0 || reader.User != user {
		return l, scanLine(s.public.QueryRowContext(ctx, r.lineQuery(r.view+" s", "s.user_id = ?4"), args...), &l)
	}
	return l, scanLine(s.reader.QueryRowContext(ctx, r.lineQuery("score s JOIN users u ON u.id = s.user_id", "s.user_id = ?4"), args...), &l)
}

// Marks implements store.Boards.
func (s *Store) Marks(ctx context.Context, b store.Board, about int) ([]store.Mark, error) {
	r, err := rankingOf(b.Metric)
	if err != nil {
		return nil, err
	}
	rows, err := s.public.QueryContext(ctx, "SELECT "+r.column+", user_id FROM "+r.marks+` WHERE period = ? AND source = ? AND family = ?
		ORDER BY `+r.column+" DESC, user_id DESC", b.Period, b.Source, b.Family)
	if err != nil {
		return nil, err
	}
	return gather(make([]store.Mark, 0, about), rows, scanMark)
}

func scanMark(r *sql.Rows, m *store.Mark) error { return r.Scan(&m.Value, &m.User) }

// Crowd implements store.Boards.
func (s *Store) Crowd(ctx context.Context, b store.Board) (store.Crowd, error) {
	var c store.Crowd
	for v, sum := range map[store.Visibility]*store.Part{store.Public: &c.Public, store.Aggregate: &c.Aggregate} {
		err := s.public.QueryRowContext(ctx, `SELECT count(*), coalesce(max(tokens), 0), coalesce(sum(requests), 0), coalesce(sum(input), 0),
			coalesce(sum(cache_read), 0), coalesce(sum(cache_write_5m), 0), coalesce(sum(cache_write_1h), 0), coalesce(sum(output), 0), coalesce(sum(reasoning), 0),
			coalesce(sum(cost_uusd) FILTER (WHERE visibility = 1 OR hidden & 1 = 0), 0), coalesce(sum(unpriced) FILTER (WHERE visibility = 1 OR hidden & 1 = 0), 0),
			coalesce(sum(active_days), 0), coalesce(min(first_day), '')
			FROM counted_lines WHERE period = ? AND source = ? AND family = ? AND visibility = ?`, b.Period, b.Source, b.Family, v).
			Scan(append([]any{&sum.Users, &sum.Largest}, figureFields(&sum.Figures)...)...)
		if err != nil {
			return c, err
		}
	}
	return c, nil
}

// Slices implements store.Boards.
func (s *Store) Slices(ctx context.Context, period string, publicOnly bool) ([]store.Slice, error) {
	least := store.Aggregate
	if publicOnly {
		least = store.Public
	}
	rows, err := s.public.QueryContext(ctx, `WITH line AS (
		SELECT source, family, visibility, tokens, CASE WHEN visibility = 1 OR hidden & 1 = 0 THEN cost_uusd END AS cost,
			row_number() OVER (PARTITION BY source, family ORDER BY tokens) AS place, count(*) OVER (PARTITION BY source, family) AS n,
			row_number() OVER (PARTITION BY source, family ORDER BY (visibility = 1 OR hidden & 1 = 0) DESC, cost_uusd) AS cost_place,
			count(*) FILTER (WHERE visibility = 1 OR hidden & 1 = 0) OVER (PARTITION BY source, family) AS costs
			FROM counted_lines WHERE period = ?1 AND visibility >= ?2 AND (source = '' OR family = '')),
		cap AS (SELECT source, family, min(tokens) FILTER (WHERE place >= 0.999 * n) AS tokens, min(cost) FILTER (WHERE cost_place >= 0.999 * costs) AS cost
			FROM line GROUP BY source, family)
		SELECT l.source, l.family, count(*), max(min(l.tokens, c.tokens)), sum(min(l.tokens, c.tokens)), coalesce(sum(min(l.cost, c.cost)), 0),
			count(*) FILTER (WHERE l.visibility = 1), coalesce(sum(min(l.tokens, c.tokens)) FILTER (WHERE l.visibility = 1), 0),
			coalesce(max(min(l.tokens, c.tokens)) FILTER (WHERE l.visibility = 1), 0)
			FROM line l JOIN cap c USING (source, family) GROUP BY l.source, l.family ORDER BY 1, 2`, period, least)
	return collect(rows, err, func(r *sql.Rows, c *store.Slice) error {
		return r.Scan(&c.Source, &c.Family, &c.Users, &c.Largest, &c.Tokens, &c.Cost, &c.Aggregate, &c.AggregateTokens, &c.AggregateLargest)
	})
}

// BoardParts implements store.Boards. It leaps from one part to the next: their lines are many.
func (s *Store) BoardParts(ctx context.Context, period string) (sources, families []string, err error) {
	const of = "FROM counted_lines WHERE period = ? AND visibility = 2 "
	var pairs [][2]string
	var p [2]string
	err = s.public.QueryRowContext(ctx, "SELECT source, family "+of+"ORDER BY source, family LIMIT 1", period).Scan(&p[0], &p[1])
	for err == nil {
		pairs = append(pairs, p)
		err = s.public.QueryRowContext(ctx, "SELECT source, family "+of+"AND source = ? AND family > ? ORDER BY family LIMIT 1", period, p[0], p[1]).Scan(&p[0], &p[1])
		if errors.Is(err, sql.ErrNoRows) {
			err = s.public.QueryRowContext(ctx, "SELECT source, family "+of+"AND source > ? ORDER BY source, family LIMIT 1", period, p[0]).Scan(&p[0], &p[1])
		}
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return nil, nil, err
	}
	sources, families = store.BoardParts(pairs)
	return sources, families, nil
}

// Beside implements store.Boards.
func (s *Store) Beside(ctx context.Context, b store.Board, users []int64, ask store.BesideAsk) (store.Beside, error) {
	var beside store.Beside
	r, err := rankingOf(b.Metric)
	if err != nil || len(users) == 0 {
		return beside, err
	}
	if ask.Models.Name != "" {
		query := daysByModel
		if store.WholeMonths(ask.Models.From, ask.Models.To) {
			query = monthsByModel
		}
		if beside.Models, err = s.shares(ctx, query, b, users, ask.Models); err != nil {
			return beside, err
		}
	}
	if ask.Days.Name != "" {
		if beside.Days, err = s.daysOf(ctx, b, users, ask.Days); err != nil {
			return beside, err
		}
	}
	if ask.Before != "" {
		marks, args := list(users)
		rows, err := s.public.QueryContext(ctx, "SELECT s."+r.column+", s.user_id FROM "+r.view+" s WHERE s.period = ? AND s.source = ? AND s.family = ? AND s.user_id IN ("+marks+")",
			append([]any{ask.Before, b.Source, b.Family}, args...)...)
		if beside.Before, err = collect(rows, err, scanMark); err != nil {
			return beside, err
		}
	}
	if ask.Names {
		beside.Names, err = s.namesOf(ctx, users)
	}
	return beside, err
}

// namesOf returns how public accounts call themselves.
func (s *Store) namesOf(ctx context.Context, users []int64) (map[int64]string, error) {
	marks, args := list(users)
	rows, err := s.public.QueryContext(ctx, "SELECT id, name FROM public_users WHERE name <> '' AND id IN ("+marks+")", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names := make(map[int64]string)
	for rows.Next() {
		var user int64
		var name string
		if err := rows.Scan(&user, &name); err != nil {
			return nil, err
		}
		names[user] = name
	}
	return names, rows.Err()
}

const (
	monthsByModel = `SELECT d.user_id, d.model, sum(d.tokens) FROM public_user_models d LEFT JOIN models m ON ?2 <> '' AND m.model = d.model
		WHERE (?1 = '' OR d.source = ?1) AND (?2 = '' OR coalesce(m.family, 'other') = ?2) AND d.month BETWEEN substr(?3, 1, 7) AND substr(?4, 1, 7)
		AND d.user_id IN (%s) GROUP BY d.user_id, d.model ORDER BY 1, 2`
	daysByModel = `SELECT d.user_id, d.model, sum(d.input + d.cache_read + d.cache_write_5m + d.cache_write_1h + d.output)
		FROM public_days d LEFT JOIN models m ON m.model = d.model
		WHERE (?1 = '' OR d.source = ?1 AND d.hidden & 4 = 0) AND (?2 = '' OR coalesce(m.family, 'other') = ?2) AND d.day BETWEEN ?3 AND ?4
		AND d.user_id IN (%s) AND d.hidden & 2 = 0 GROUP BY d.user_id, d.model ORDER BY 1, 2`
)

func (s *Store) shares(ctx context.Context, query string, b store.Board, users []int64, of store.Period) ([]store.Share, error) {
	marks, args := list(users)
	rows, err := s.public.QueryContext(ctx, fmt.Sprintf(query, marks), append([]any{b.Source, b.Family, of.From, of.To}, args...)...)
	return collect(rows, err, func(r *sql.Rows, s *store.Share) error { return r.Scan(&s.User, &s.Of, &s.Tokens) })
}

// daysOf sums the tokens of each of some days. A row for each account takes half as long as one for each day.
func (s *Store) daysOf(ctx context.Context, b store.Board, users []int64, of store.Period) (map[int64][]int64, error) {
	marks, args := list(users)
	rows, err := s.public.QueryContext(ctx, `SELECT user_id, group_concat(day || tokens, ' ') FROM public_user_days
		WHERE (?1 = '' OR source = ?1) AND (?2 = '' OR family = ?2) AND day BETWEEN ?3 AND ?4 AND user_id IN (`+marks+`) GROUP BY user_id`,
		append([]any{b.Source, b.Family, of.From, of.To}, args...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	dates, days := of.Dates(), make(map[int64][]int64)
	for rows.Next() {
		var user int64
		var all sql.RawBytes
		if err := rows.Scan(&user, &all); err != nil {
			return nil, err
		}
		days[user] = make([]int64, len(dates))
		for one := range bytes.FieldsSeq(all) {
			day, tokens := one[:len(time.DateOnly)], one[len(time.DateOnly):]
			n, err := strconv.ParseInt(string(tokens), 10, 64)
			if err != nil {
				return nil, err
			}
			days[user][dates[string(day)]] += n
		}
	}
	return days, rows.Err()
}

// ModelUsers implements store.Boards.
func (s *Store) ModelUsers(ctx context.Context, model string, limit int) (int, error) {
	var n int
	err := s.public.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT user_id FROM counted_models WHERE model = ? LIMIT ?)", model, limit).Scan(&n)
	return n, err
}
