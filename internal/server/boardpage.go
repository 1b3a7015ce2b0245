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
	sum, _ := board.Countable(p.standing.Crowd)
	v := page.Board{Period: pagePeriod(a.period), Final: a.period.Final(s.Now()), Prev: hasBefore, Metric: page.Metric(a.board.Metric), Source: a.board.Source,
		Family: a.board.Family, People: p.ranked(), Everybody: pageSum(sum), Start: p.start, Next: p.next}
	if v.Sources, v.Families, err = s.Store.BoardParts(ctx, a.period.Name); err != nil {
		return err
	}
	if v.Anybody, err = s.anybody(ctx); err != nil {
		return err
	}
	if len(p.standing.Marks) > 0 {
		v.Leader = p.standing.Marks[0].Value // bars are drawn to it on every page
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

// pageLines draws the lines of a page.
func (s *Server) pageLines(ctx context.Context, a asked, before board.Period, p boardLines) ([]page.Line, error) {
	sparks, err := s.sparks(ctx, a, users(p.lines))
	if err != nil {
		return nil, err
	}
	old, err := s.previous(ctx, a.board, before, users(p.lines))
	if err != nil {
		return nil, err
	}
	lines := make([]page.Line, len(p.lines))
	for i, l := range p.lines {
		lines[i] = page.Line{Rank: p.ranks[i], Tied: p.standing.Tied(l.Value, l.User), Before: old(l.User), Handle: l.Handle, Sum: pageSum(l.Figures),
			Days: l.ActiveDays, Streak: l.Streak, Model: p.top[l.User], Spark: sparks[l.User], Hidden: pageHidden(l.Hidden)}
	}
	return lines, nil
}

// previous returns how users stood on the same board of the period before: their rank, page.NewLine if they had no
// line, 0 if that period has none at all.
func (s *Server) previous(ctx context.Context, b store.Board, before board.Period, users []int64) (func(user int64) int64, error) {
	b.Period = before.Name
	ranks := make(map[int64]int64)
	if before.Name == "" {
		return func(int64) int64 { return 0 }, nil
	}
	then, err := s.ranks.Of(ctx, b)
	if err != nil || len(then.Marks) == 0 {
		return func(int64) int64 { return 0 }, err
	}
	lines, err := s.Store.LinesOf(ctx, b, users)
	for _, l := range lines {
		ranks[l.User] = then.Rank(l.Value)
	}
	return func(user int64) int64 {
		if r := ranks[user]; r > 0 {
			return r
		}
		return page.NewLine
	}, err
}

// sparks returns the users' tokens of each of the last days of the period, or up to today while it runs.
func (s *Server) sparks(ctx context.Context, a asked, users []int64) (map[int64][]int64, error) {
	last := s.Now().UTC().Truncate(24 * time.Hour)
	if _, to := a.period.Days(); !to.IsZero() && to.Before(last) {
		last = to
	}
	first := last.AddDate(0, 0, 1-sparkDays)
	shares, err := s.Store.DayShares(ctx, a.board, users, first.Format(time.DateOnly), last.Format(time.DateOnly))
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
	line, err := s.Store.LineOf(ctx, a.board, store.Actor{}, who.User)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	mine := boardLines{standing: p.standing, lines: []store.Line{line}}
	mine.rank()
	if mine.top, err = s.topModels(ctx, a, mine.lines); err != nil {
		return err
	}
	lines, err := s.pageLines(ctx, a, before, mine)
	if err != nil {
		return err
	}
	v.Own = &lines[0]
	// Who stands before the reader's line, and where to find it.
	if above, _ := p.standing.Around(line.Mark(), 1); len(above) > 0 {
		v.Ahead = &page.Ahead{Rank: p.standing.Rank(above[0].Value), Gap: above[0].Value - line.Value}
		v.OwnPage = board.Cursor(s.key, a.board, above[0])
	}
	return nil
}

func pagePeriod(p board.Period) page.Period {
	from, to := p.Days()
	return page.Period{Span: page.Span(p.Span.String()), From: from, To: to}
}

func pageSum(f store.Figures) page.Sum {
	return page.Sum{Kinds: f.Tokens, Unpriced: f.Unpriced, Cost: f.Cost}
}

func pageHidden(h store.Hidden) page.Hidden {
	return page.Hidden{Cost: h.Has(store.HideCost), Models: h.Has(store.HideModels), Sources: h.Has(store.HideSources), Days: h.Has(store.HideDays)}
}
