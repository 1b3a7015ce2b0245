package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
)

// ranking is where a metric stands in score, and the views of the lines that everybody may see ranked by it and of their places.
type ranking struct{ column, view, marks string }

var rankings = map[store.Metric]ranking{
	store.ByTokens:     {"tokens", "tf.public_lines", "tf.public_marks"},
	store.ByOutput:     {"output", "tf.public_lines", "tf.public_marks"},
	store.ByCost:       {"cost_uusd", "tf.public_lines_cost", "tf.public_marks_cost"},
	store.ByActiveDays: {"active_days", "tf.public_lines_days", "tf.public_marks_days"},
	store.ByStreak:     {"streak", "tf.public_lines_days", "tf.public_marks_days"},
}

// rankingOf returns names that are never taken from a request.
func rankingOf(m store.Metric) (ranking, error) {
	r, ok := rankings[m]
	if !ok {
		return r, fmt.Errorf("no metric %q", m)
	}
	return r, nil
}

// lineQuery selects lines of a board: its period is $1, its source $2 and its family $3.
func (r ranking) lineQuery(from, where string) string {
	return "SELECT s.user_id, handle, hidden, coalesce(streak, 0), s." + r.column + `, s.requests, s.input, s.cache_read, s.cache_write_5m, s.cache_write_1h,
		s.output, s.reasoning, coalesce(s.cost_uusd, 0), coalesce(s.unpriced, 0), coalesce(s.active_days, 0), coalesce(s.first_day, '')
		FROM ` + from + " WHERE s.period = $1 AND s.source = $2 AND s.family = $3 AND " + where
}

func scanLine(row pgx.Row, l *store.Line) error {
	return refusal(row.Scan(append([]any{&l.User, &l.Handle, &l.Hidden, &l.Streak, &l.Value}, figureFields(&l.Figures)...)...))
}

// Fresh implements store.Boards.
func (s *Store) Fresh(ctx context.Context) error { return s.fresh(ctx) }

// Page implements store.Boards, in one trip.
func (s *Store) Page(ctx context.Context, b store.Board, after *store.Mark, limit int, own int64) (store.Page, error) {
	r, err := rankingOf(b.Metric)
	if err != nil {
		return store.Page{}, err
	}
	var value, user *int64
	if after != nil {
		value, user = &after.Value, &after.User
	}
	p := store.Page{Lines: make([]store.Line, 0, min(limit, maxPage))}
	batch := &pgx.Batch{}
	batch.Queue(behindQuery, store.FreshWithin+1).QueryRow(func(row pgx.Row) error { return scanBehind(row, &p.Behind) })
	lines := func(into *[]store.Line, query string, args ...any) {
		batch.Queue(query, args...).Query(func(rows pgx.Rows) (err error) {
			*into, err = gather(*into, rows, func(r pgx.Rows, l *store.Line) error { return scanLine(r, l) })
			return err
		})
	}
	lines(&p.Lines, "SELECT * FROM tf.board_page($1, $2, $3, $4, $5, $6, $7)", r.column, b.Period, b.Source, b.Family, value, user, limit)
	if own != 0 {
		lines(&p.Own, r.lineQuery(r.view+" s", "s.user_id = $4"), b.Period, b.Source, b.Family, own)
	}
	return p, s.pool.ask(ctx, batch)
}

// LinesOf implements store.Boards.
func (s *Store) LinesOf(ctx context.Context, b store.Board, users []int64) ([]store.Line, error) {
	r, err := rankingOf(b.Metric)
	if err != nil || len(users) == 0 {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, r.lineQuery(r.view+" s", "s.user_id = ANY ($4)")+" ORDER BY s."+r.column+" DESC, s.user_id DESC",
		b.Period, b.Source, b.Family, users)
	return collect(rows, err, func(r pgx.Rows, l *store.Line) error { return scanLine(r, l) })
}

// LineOf implements store.Boards.
func (s *Store) LineOf(ctx context.Context, b store.Board, reader store.Actor, user int64) (store.Line, error) {
	var l store.Line
	r, err := rankingOf(b.Metric)
	if err != nil {
		return l, err
	}
	args := []any{b.Period, b.Source, b.Family, user}
	if reader.User == 0 || reader.User != user {
		if err := s.fresh(ctx); err != nil {
			return l, err
		}
		return l, scanLine(s.pool.QueryRow(ctx, r.lineQuery(r.view+" s", "s.user_id = $4"), args...), &l)
	}
	// What is sent in one trip is one transaction.
	var entered int64
	batch := &pgx.Batch{}
	enter, proof := entry(reader, s.now())
	batch.Queue(enter, proof...).QueryRow(func(row pgx.Row) error { return row.Scan(&entered) })
	batch.Queue("SELECT tf.settle_me($1)", s.today())
	own := "(SELECT o.*, u.handle FROM tf.score o JOIN tf.users u ON u.id = o.user_id) s"
	batch.Queue(r.lineQuery(own, "s.user_id = $4"), args...).QueryRow(func(row pgx.Row) error { return scanLine(row, &l) })
	if err := s.pool.ask(ctx, batch); err != nil || entered != reader.User {
		return store.Line{}, cmp.Or(err, store.ErrNotFound)
	}
	return l, nil
}

// maxPage is the most lines that a page has.
const maxPage = 1000

// Marks implements store.Boards. They come in the order of an index, which PostgreSQL does not promise: putting what is in order in
// order is no work.
func (s *Store) Marks(ctx context.Context, b store.Board, about int) ([]store.Mark, error) {
	r, err := rankingOf(b.Metric)
	if err != nil {
		return nil, err
	}
	marks := make([]store.Mark, 0, about)
	batch := longer()
	batch.Queue("SELECT "+r.column+", user_id FROM "+r.marks+" WHERE period = $1 AND source = $2 AND family = $3", b.Period, b.Source, b.Family).Query(func(rows pgx.Rows) error {
		marks, err = gather(marks, rows, scanMark)
		return err
	})
	if err := s.pool.ask(ctx, batch); err != nil {
		return nil, err
	}
	slices.SortFunc(marks, store.Mark.Compare)
	return marks, nil
}

// longer begins a batch that may take a minute: what reads every line of a board is asked behind those who look at it, and its caller says when to
// stop.
func longer() *pgx.Batch {
	b := &pgx.Batch{}
	b.Queue("SELECT set_config('statement_timeout', '60s', true)")
	return b
}

func scanMark(r pgx.Rows, m *store.Mark) error { return r.Scan(&m.Value, &m.User) }

// Crowd implements store.Boards. Lines of people who are only counted stay behind the door that sums them.
func (s *Store) Crowd(ctx context.Context, b store.Board) (store.Crowd, error) {
	var c store.Crowd
	batch := longer()
	for _, side := range []struct {
		of  store.Visibility
		sum *store.Part
	}{{store.Public, &c.Public}, {store.Aggregate, &c.Aggregate}} {
		batch.Queue("SELECT * FROM tf.crowd($1, $2, $3, $4)", b.Period, b.Source, b.Family, int16(side.of)).QueryRow(func(row pgx.Row) error {
			return row.Scan(append([]any{&side.sum.Users, &side.sum.Largest}, figureFields(&side.sum.Figures)...)...)
		})
	}
	return c, s.pool.ask(ctx, batch)
}

// Slices implements store.Boards.
func (s *Store) Slices(ctx context.Context, period string, publicOnly bool) ([]store.Slice, error) {
	rows, err := s.pool.Query(ctx, "SELECT * FROM tf.cells($1, $2)", period, publicOnly)
	return collect(rows, err, func(r pgx.Rows, c *store.Slice) error {
		return r.Scan(&c.Source, &c.Family, &c.Users, &c.Largest, &c.Tokens, &c.Cost, &c.Aggregate, &c.AggregateTokens, &c.AggregateLargest)
	})
}

// BoardParts implements store.Boards.
func (s *Store) BoardParts(ctx context.Context, period string) (sources, families []string, err error) {
	rows, err := s.pool.Query(ctx, "SELECT * FROM tf.board_parts($1)", period)
	parts, err := collect(rows, err, func(r pgx.Rows, part *[2]string) error { return r.Scan(&part[0], &part[1]) })
	sources, families = store.BoardParts(parts)
	return sources, families, err
}

// Beside implements store.Boards, in one trip.
func (s *Store) Beside(ctx context.Context, b store.Board, users []int64, ask store.BesideAsk) (store.Beside, error) {
	var beside store.Beside
	r, err := rankingOf(b.Metric)
	if err != nil || len(users) == 0 {
		return beside, err
	}
	batch := &pgx.Batch{}
	shares := func(into *[]store.Share, query string, of store.Period) {
		batch.Queue(query, users, b.Source, b.Family, of.From, of.To).Query(func(rows pgx.Rows) (err error) {
			*into, err = gather(*into, rows, func(r pgx.Rows, s *store.Share) error { return r.Scan(&s.User, &s.Of, &s.Tokens) })
			return err
		})
	}
	if store.WholeMonths(ask.Models.From, ask.Models.To) {
		shares(&beside.Models, "SELECT * FROM tf.public_month_shares($1, $2, $3, $4, $5)", ask.Models)
	} else if ask.Models.Name != "" {
		shares(&beside.Models, "SELECT * FROM tf.public_model_shares($1, $2, $3, $4, $5)", ask.Models)
	}
	if ask.Days.Name != "" {
		beside.Days = make(map[int64][]int64, len(users))
		many := len(ask.Days.Dates())
		batch.Queue("SELECT * FROM tf.public_sparks($1, $2, $3, $4, $5)", users, b.Source, b.Family, ask.Days.From, ask.Days.To).Query(func(rows pgx.Rows) error {
			defer rows.Close()
			var user int64
			var days []int32
			var tokens []int64
			for rows.Next() {
				if err := rows.Scan(&user, &days, &tokens); err != nil {
					return err
				}
				beside.Days[user] = make([]int64, many)
				for i, day := range days {
					beside.Days[user][day] += tokens[i]
				}
			}
			return rows.Err()
		})
	}
	if ask.Before != "" {
		batch.Queue("SELECT s."+r.column+", s.user_id FROM "+r.view+" s WHERE s.period = $1 AND s.source = $2 AND s.family = $3 AND s.user_id = ANY ($4)",
			ask.Before, b.Source, b.Family, users).Query(func(rows pgx.Rows) (err error) {
			beside.Before, err = gather(beside.Before, rows, scanMark)
			return err
		})
	}
	if ask.Names {
		beside.Names = make(map[int64]string)
		batch.Queue("SELECT id, name FROM tf.users WHERE id = ANY ($1) AND name <> '' AND visibility = 2 AND state = 0", users).Query(func(rows pgx.Rows) error {
			var user int64
			var name string
			_, err := pgx.ForEachRow(rows, []any{&user, &name}, func() error {
				beside.Names[user] = name
				return nil
			})
			return err
		})
	}
	return beside, s.pool.ask(ctx, batch)
}

// ModelUsers implements store.Boards. It counts to five at most: enough to know a name that few people use.
func (s *Store) ModelUsers(ctx context.Context, model string, limit int) (int, error) {
	var n int
	err := s.pool.QueryRow(ctx, "SELECT tf.model_users($1, $2)", model, limit).Scan(&n)
	return n, refusal(err)
}
