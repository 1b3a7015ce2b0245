package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"tokenflex.ing/internal/server/board"
	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
)

// sparkDays is how far back a line's small chart goes.
const sparkDays = 30

// boardPage prints one page of a board.
func (s *Server) boardPage(w http.ResponseWriter, r *http.Request) error {
	a, err := s.readBoard(r)
	if err != nil {
		return err
	}
	who, err := s.session(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	p, err := s.readPage(ctx, a)
	if err != nil {
		return err
	}
	before, hasBefore := a.period.Before()
	v := page.Board{Period: pagePeriod(a.period), Prev: hasBefore, Metric: page.Metric(a.board.Metric), Source: a.board.Source,
		People: p.ranked, Everybody: pageSum(board.Countable(p.crowd)), Start: p.start, Next: p.next}
	if v.Sources, err = s.Store.BoardSources(ctx, a.period.Name); err != nil {
		return err
	}
	if v.Anybody, err = s.anybody(ctx); err != nil {
		return err
	}
	if v.Leader, err = s.leader(ctx, a.board); err != nil {
		return err
	}
	if v.Lines, err = s.pageLines(ctx, a, before, p); err != nil {
		return err
	}
	if err := s.own(ctx, a, before, p, who, &v); err != nil {
		return err
	}
	return s.show(w, r, v)
}

func (s *Server) anybody(ctx context.Context) (bool, error) {
	lines, err := s.Store.Lines(ctx, store.Board{Period: store.Always.Name, Metric: store.ByTokens}, nil, 1)
	return len(lines) > 0, err
}

// leader is the value of the board's first line, which bars are drawn to on every page of it.
func (s *Server) leader(ctx context.Context, b store.Board) (int64, error) {
	lines, err := s.Store.Lines(ctx, b, nil, 1)
	if err != nil || len(lines) == 0 {
		return 0, err
	}
	return lines[0].Value, nil
}

// pageLines draws the lines of a page.
func (s *Server) pageLines(ctx context.Context, a asked, before board.Period, p boardLines) ([]page.Line, error) {
	sparks, err := s.sparks(ctx, a, users(p.lines))
	if err != nil {
		return nil, err
	}
	old, err := s.previous(ctx, a.board, before)
	if err != nil {
		return nil, err
	}
	lines := make([]page.Line, len(p.lines))
	for i, l := range p.lines {
		lines[i] = page.Line{Rank: p.ranks[i], Handle: l.Handle, Sum: pageSum(l.Figures), Days: l.ActiveDays, Model: p.top[l.User], Spark: sparks[l.User]}
		if lines[i].Before, err = old(l.User); err != nil {
			return nil, err
		}
		if lines[i].Tied, err = s.tied(ctx, a.board, l, p.ranks[i]); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

// tied reports whether another line has the value of l, which has that rank.
func (s *Server) tied(ctx context.Context, b store.Board, l store.Line, rank int64) (bool, error) {
	higher, err := s.Store.Above(ctx, b, l.Value-1)
	return higher > rank, err
}

// previous returns how a user stood on the same board of the period before: their rank, page.NewLine if they had no
// line, 0 if that period has none at all.
func (s *Server) previous(ctx context.Context, b store.Board, before board.Period) (func(user int64) (int64, error), error) {
	b.Period = before.Name
	if before.Name == "" {
		return func(int64) (int64, error) { return 0, nil }, nil
	}
	some, err := s.Store.Lines(ctx, b, nil, 1)
	if err != nil || len(some) == 0 {
		return func(int64) (int64, error) { return 0, nil }, err
	}
	return func(user int64) (int64, error) {
		l, err := s.Store.LineOf(ctx, b, store.Actor{}, user)
		if errors.Is(err, store.ErrNotFound) {
			return page.NewLine, nil
		}
		if err != nil {
			return 0, err
		}
		above, err := s.Store.Above(ctx, b, l.Value)
		return above + 1, err
	}, nil
}

// sparks returns the users' tokens of each of the last days of the period, or up to today while it runs.
func (s *Server) sparks(ctx context.Context, a asked, users []int64) (map[int64][]int64, error) {
	last := s.Now().UTC().Truncate(24 * time.Hour)
	if _, to := a.period.Days(); !to.IsZero() && to.Before(last) {
		last = to
	}
	first := last.AddDate(0, 0, 1-sparkDays)
	shares, err := s.Store.DayShares(ctx, users, a.board.Source, first.Format(time.DateOnly), last.Format(time.DateOnly))
	if err != nil {
		return nil, err
	}
	sparks := make(map[int64][]int64, len(users))
	for _, u := range users {
		sparks[u] = make([]int64, sparkDays)
	}
	for _, share := range shares {
		if at, err := time.Parse(time.DateOnly, share.Of); err == nil {
			sparks[share.User][int(at.Sub(first)/(24*time.Hour))] += share.Tokens
		}
	}
	return sparks, nil
}

// own adds the reader's line, if it is on the board and not on the page.
func (s *Server) own(ctx context.Context, a asked, before board.Period, p boardLines, who store.Actor, v *page.Board) error {
	if who.User == 0 || who.Visibility != store.Public {
		return nil
	}
	for _, l := range p.lines {
		if l.User == who.User {
			return nil
		}
	}
	line, err := s.Store.LineOf(ctx, a.board, who, who.User)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	mine := boardLines{lines: []store.Line{line}}
	if err := s.rank(ctx, a.board, &mine); err != nil {
		return err
	}
	shares, err := s.Store.ModelShares(ctx, []int64{who.User}, a.board.Source, a.period.From, a.period.To)
	if err != nil {
		return err
	}
	if mine.top, err = s.names.Top(ctx, shares); err != nil {
		return err
	}
	lines, err := s.pageLines(ctx, a, before, mine)
	if err != nil {
		return err
	}
	v.Own = &lines[0]
	return s.ahead(ctx, a, line, v)
}

// ahead adds who stands before the reader's line, and where to find it.
func (s *Server) ahead(ctx context.Context, a asked, line store.Line, v *page.Board) error {
	above, err := s.Store.Neighbour(ctx, a.board, line.Mark())
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	n, err := s.Store.Above(ctx, a.board, above.Value)
	if err != nil {
		return err
	}
	v.Ahead = &page.Ahead{Rank: n + 1, Gap: above.Value - line.Value}
	v.OwnPage = board.Cursor(s.key, a.board, above.Mark())
	return nil
}

func pagePeriod(p board.Period) page.Period {
	from, to := p.Days()
	return page.Period{Span: page.Span(p.Span.String()), From: from, To: to}
}

func pageSum(f store.Figures) page.Sum {
	return page.Sum{Kinds: f.Tokens, Unpriced: f.Unpriced, Cost: f.Cost}
}
