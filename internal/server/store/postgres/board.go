package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
)

// columns are where metrics stand in score.
var columns = map[store.Metric]string{store.ByTokens: "tokens", store.ByCost: "cost_uusd", store.ByOutput: "output"}

// column returns the metric's column, which is never taken from a request.
func column(m store.Metric) (string, error) {
	c, ok := columns[m]
	if !ok {
		return "", fmt.Errorf("no metric %q", m)
	}
	return c, nil
}

// lineQuery selects lines of a board: its period is $1 and its source $2. Public lines are asked for by
// "s.visibility = 2" in the query too: the policy alone would not let it use the index of public lines.
func lineQuery(col, where string) string {
	return `SELECT s.user_id, u.handle, s.` + col + `, s.requests, s.input, s.cache_read, s.cache_write_5m, s.cache_write_1h,
		s.output, s.reasoning, s.cost_uusd, s.unpriced, s.active_days, s.first_day
		FROM tf.score s JOIN tf.users u ON u.id = s.user_id WHERE s.period = $1 AND s.source = $2 AND ` + where
}

func scanLine(row pgx.Row, l *store.Line) error {
	return refusal(row.Scan(append([]any{&l.User, &l.Handle, &l.Value}, figureFields(&l.Figures)...)...))
}

// Lines implements store.Boards.
func (s *Store) Lines(ctx context.Context, b store.Board, after *store.Mark, limit int) ([]store.Line, error) {
	col, err := column(b.Metric)
	if err != nil {
		return nil, err
	}
	where, args := "s.visibility = 2", []any{b.Period, b.Source, limit}
	if after != nil {
		where += " AND (s." + col + ", s.user_id) < ($4, $5)"
		args = append(args, after.Value, after.User)
	}
	rows, err := s.pool.Query(ctx, lineQuery(col, where)+" ORDER BY s."+col+" DESC, s.user_id DESC LIMIT $3", args...)
	return collect(rows, err, func(r pgx.Rows, l *store.Line) error { return scanLine(r, l) })
}

// LineOf implements store.Boards.
func (s *Store) LineOf(ctx context.Context, b store.Board, reader store.Actor, user int64) (store.Line, error) {
	var l store.Line
	col, err := column(b.Metric)
	if err != nil {
		return l, err
	}
	read := func(tx pgx.Tx) error {
		return scanLine(tx.QueryRow(ctx, lineQuery(col, "s.user_id = $3"), b.Period, b.Source, user), &l)
	}
	if reader.User == 0 {
		err = s.within(ctx, read)
	} else {
		err = s.as(ctx, reader, s.now(), read)
	}
	return l, err
}

// Above implements store.Boards.
func (s *Store) Above(ctx context.Context, b store.Board, value int64) (int64, error) {
	return s.count(ctx, b, "%s > $3", value)
}

// Preceding implements store.Boards.
func (s *Store) Preceding(ctx context.Context, b store.Board, m store.Mark) (int64, error) {
	return s.count(ctx, b, "(%s, user_id) > ($3, $4)", m.Value, m.User)
}

func (s *Store) count(ctx context.Context, b store.Board, where string, args ...any) (int64, error) {
	col, err := column(b.Metric)
	if err != nil {
		return 0, err
	}
	var n int64
	err = s.pool.QueryRow(ctx, "SELECT count(*) FROM tf.score WHERE period = $1 AND source = $2 AND visibility = 2 AND "+
		fmt.Sprintf(where, col), append([]any{b.Period, b.Source}, args...)...).Scan(&n)
	return n, refusal(err)
}

// Neighbour implements store.Boards.
func (s *Store) Neighbour(ctx context.Context, b store.Board, m store.Mark) (store.Line, error) {
	var l store.Line
	col, err := column(b.Metric)
	if err != nil {
		return l, err
	}
	query := lineQuery(col, "s.visibility = 2 AND (s."+col+", s.user_id) > ($3, $4)") + " ORDER BY s." + col + ", s.user_id LIMIT 1"
	return l, scanLine(s.pool.QueryRow(ctx, query, b.Period, b.Source, m.Value, m.User), &l)
}

// Crowd implements store.Boards. Lines of people who are only counted stay behind the door that sums them.
func (s *Store) Crowd(ctx context.Context, b store.Board) (store.Crowd, error) {
	var c store.Crowd
	for _, side := range []struct {
		of    store.Visibility
		users *int64
		sum   *store.Figures
	}{{store.Public, &c.PublicUsers, &c.Public}, {store.Aggregate, &c.AggregateUsers, &c.Aggregate}} {
		err := s.pool.QueryRow(ctx, "SELECT * FROM tf.crowd($1, $2, $3)", b.Period, b.Source, int16(side.of)).
			Scan(append([]any{side.users}, figureFields(side.sum)...)...)
		if err != nil {
			return c, refusal(err)
		}
	}
	return c, nil
}

// BoardSources implements store.Boards.
func (s *Store) BoardSources(ctx context.Context, period string) ([]string, error) {
	rows, err := s.pool.Query(ctx, "SELECT DISTINCT source FROM tf.score WHERE period = $1 AND visibility = 2 AND source <> '' ORDER BY source", period)
	return collect(rows, err, func(r pgx.Rows, source *string) error { return r.Scan(source) })
}

// DayShares implements store.Boards.
func (s *Store) DayShares(ctx context.Context, users []int64, source, from, to string) ([]store.Share, error) {
	return s.shares(ctx, "day", "tf.user_day", users, source, from, to)
}

// ModelShares implements store.Boards.
func (s *Store) ModelShares(ctx context.Context, users []int64, source, from, to string) ([]store.Share, error) {
	return s.shares(ctx, "model", "(SELECT * FROM tf.usage_day WHERE NOT held)", users, source, from, to)
}

func (s *Store) shares(ctx context.Context, of, table string, users []int64, source, from, to string) ([]store.Share, error) {
	if len(users) == 0 {
		return nil, nil
	}
	rows, err := s.pool.Query(ctx, "SELECT d.user_id, d."+of+`, sum(d.input + d.cache_read + d.cache_write_5m + d.cache_write_1h + d.output)::bigint
		FROM `+table+` d JOIN tf.users u ON u.id = d.user_id
		WHERE ($1 = '' OR d.source = $1) AND d.day BETWEEN $2 AND $3 AND d.user_id = ANY($4)
		AND u.visibility = 2 AND u.state = 0 GROUP BY d.user_id, d.`+of+" ORDER BY 1, 2", source, from, to, users)
	return collect(rows, err, func(r pgx.Rows, s *store.Share) error { return r.Scan(&s.User, &s.Of, &s.Tokens) })
}

// ModelUsers implements store.Boards. It counts to five at most: enough to know a name that few people use.
func (s *Store) ModelUsers(ctx context.Context, model string, limit int) (int, error) {
	var n int
	err := s.pool.QueryRow(ctx, "SELECT tf.model_users($1, $2)", model, limit).Scan(&n)
	return n, refusal(err)
}
