package server

import (
	"context"
	"net/http"
	"slices"

	"tokenflex.ing/internal/server/board"
	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
)

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
	p, err := s.readPage(ctx, a, who)
	if err != nil {
		return err
	}
	_, hasBefore := a.period.Before()
	v := page.Board{Period: pagePeriod(a.period), Final: a.period.Final(s.Now()), Prev: hasBefore, Metric: page.Metric(a.board.Metric), Source: a.board.Source,
		Family: a.board.Family, AsOf: s.holdsAllOf(p.behind), People: p.ranked(), Start: p.start, Next: p.next, Anybody: len(p.lines) > 0}
	if p.start <= 1 {
		if sum := s.everybody(ctx, a.board, p.standing); sum != nil {
			v.Everybody = ref(pageSum(*sum))
		}
	}
	if v.Sources, v.Families, err = s.parts.of(ctx, s.Store, a.period.Name, p.standing, s.Now()); err != nil {
		return err
	}
	if !v.Anybody {
		if v.Anybody, err = s.anybody(ctx); err != nil {
			return err
		}
	}
	if len(p.standing.Marks) > 0 {
		v.Leader = p.standing.Marks[0].Value // bars are drawn to it on every page
	}
	if v.Lines, err = s.pageLines(ctx, a, p); err != nil {
		return err
	}
	if err := s.own(ctx, a, p, &v); err != nil {
		return err
	}
	return s.show(w, r, v)
}

func (s *Server) anybody(ctx context.Context) (bool, error) {
	p, err := s.Store.Page(ctx, store.Board{Period: store.Always.Name, Metric: store.ByTokens}, nil, 1, 0)
	return len(p.Lines) > 0, err
}

// pageLines draws the lines of a page.
func (s *Server) pageLines(ctx context.Context, a asked, p boardLines) ([]page.Line, error) {
	beside, err := s.beside(ctx, a, p.standing, p.lines, true)
	if err != nil {
		return nil, err
	}
	lines := make([]page.Line, len(p.lines))
	for i, l := range p.lines {
		b := beside[i]
		lines[i] = page.Line{Rank: p.ranks[i], Tied: p.standing.Tied(l.Value, l.User), Before: b.before, Handle: l.Handle, Sum: pageSum(l.Figures),
			Days: l.ActiveDays, Streak: l.Streak, Model: b.model, Spark: b.spark, Hidden: pageHidden(l.Hidden)}
	}
	return lines, nil
}

// own adds the reader's line, if it is on the board and not on the page.
func (s *Server) own(ctx context.Context, a asked, p boardLines, v *page.Board) error {
	if len(p.own) == 0 || slices.ContainsFunc(p.lines, func(l store.Line) bool { return l.User == p.own[0].User }) {
		return nil
	}
	mine := boardLines{standing: p.standing, lines: p.own}
	mine.rank()
	lines, err := s.pageLines(ctx, a, mine)
	if err != nil {
		return err
	}
	v.Own = &lines[0]
	// Who stands before the reader's line, and where to find it.
	if above, _ := p.standing.Around(p.own[0].Mark(), 1); len(above) > 0 {
		v.Ahead = &page.Ahead{Rank: p.standing.Rank(above[0].Value), Gap: above[0].Value - p.own[0].Value}
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
