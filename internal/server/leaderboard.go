package server

import (
	"context"
	"errors"
	"net/http"

	"tokenflex.ing/internal/server/board"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// getLeaderboard answers with one page of a board.
func (s *Server) getLeaderboard(w http.ResponseWriter, r *http.Request) error {
	a, err := s.readBoard(r)
	if err != nil {
		return err
	}
	p, err := s.readPage(r.Context(), a, store.Actor{})
	if err != nil {
		return err
	}
	beside, err := s.beside(r.Context(), a, p.standing, p.lines, false)
	if err != nil {
		return err
	}
	answer := wire.Leaderboard{
		Period: wirePeriod(a), Final: a.period.Final(s.Now()),
		AsOf: s.asOf(p.behind), Metric: string(a.board.Metric), Items: boardItems(p, beside), Ranked: p.ranked(),
		NextCursor: p.next,
	}
	if everybody := s.everybody(r.Context(), a.board, p.standing); everybody != nil {
		answer.Totals = ref(totals(*everybody, 0))
	}
	d, err := jsonDocument(answer)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "public, max-age=30, stale-while-revalidate=120")
	d.write(w, r)
	return nil
}

func wirePeriod(a asked) wire.Period {
	return wire.Period{Name: a.name, From: a.period.From, To: a.period.To}
}

func boardItems(p boardLines, beside []beside) []wire.BoardItem {
	items := make([]wire.BoardItem, len(p.lines))
	for i, l := range p.lines {
		items[i] = wire.BoardItem{Rank: p.ranks[i], Handle: l.Handle, Name: beside[i].name, Value: l.Value, Tokens: l.Tokens.Total(), TopModel: beside[i].model, Hidden: l.Hidden.Names()}
		if !l.Hidden.Has(store.HideCost) {
			items[i].CostUUSD, items[i].UnpricedTokens = ref(int64(l.Cost)), ref(l.Unpriced)
		}
		if !l.Hidden.Has(store.HideDays) {
			items[i].ActiveDays, items[i].Streak = ref(l.ActiveDays), ref(l.Streak)
		}
	}
	return items
}

func ref[T any](v T) *T { return &v }

// boardLines is one page of a board, with what both its JSON and its HTML show.
type boardLines struct {
	standing *board.Standing
	behind   store.Behind
	lines    []store.Line
	own      []store.Line // the reader's, if it is on the board
	ranks    []int64      // of the lines; ties share one
	start    int64        // position of the first line
	next     string
}

// ranked is how many lines the whole board has.
func (p boardLines) ranked() int64 { return int64(len(p.standing.Marks)) }

// readPage reads a page of a board. A short board holds everything that was uploaded before, since its standing was made now; nobody
// waits for others' uploads to be on a long one, but whoever is signed in sees what they sent.
func (s *Server) readPage(ctx context.Context, a asked, who store.Actor) (boardLines, error) {
	var p boardLines
	var err error
	if p.standing, err = s.ranks.Of(ctx, a.board); err != nil {
		return p, err
	}
	of, err := s.Store.Page(ctx, a.board, a.after, a.limit+1, who.User)
	if err == nil && of.Accounts > 0 && who.User != 0 {
		var moved bool
		if moved, err = s.settle(ctx, a.board, who, of.Own); moved {
			of, err = s.Store.Page(ctx, a.board, a.after, a.limit+1, who.User)
		}
	}
	if err != nil {
		return p, err
	}
	p.lines, p.own, p.behind = of.Lines[:min(len(of.Lines), a.limit)], of.Own, of.Behind
	if len(of.Lines) > a.limit {
		p.next = board.Cursor(s.key, a.board, p.lines[a.limit-1].Mark())
	}
	if len(p.lines) > 0 {
		p.rank()
	}
	return p, nil
}

// settle makes the actor's lines hold what they sent, and reports whether the one that was just shown has moved by that.
func (s *Server) settle(ctx context.Context, b store.Board, who store.Actor, shown []store.Line) (moved bool, err error) {
	own, err := s.Store.LineOf(ctx, b, who, who.User)
	if errors.Is(err, store.ErrNotFound) {
		return len(shown) > 0, nil
	}
	if err != nil || who.Visibility != store.Public {
		return false, err
	}
	return len(shown) == 0 || own.Tokens != shown[0].Tokens || own.Requests != shown[0].Requests, nil
}

// rank numbers the lines.
func (p *boardLines) rank() {
	p.start = p.standing.Preceding(p.lines[0].Mark()) + 1
	p.ranks = make([]int64, len(p.lines))
	for i, l := range p.lines {
		p.ranks[i] = p.standing.Rank(l.Value)
	}
}

func users(lines []store.Line) []int64 {
	ids := make([]int64, len(lines))
	for i, l := range lines {
		ids[i] = l.User
	}
	return ids
}

func totals(f store.Figures, hidden store.Hidden) wire.Totals {
	t := f.Tokens
	sum := wire.Totals{Requests: f.Requests, Input: t.Input, CacheRead: t.CacheRead, CacheWrite5m: t.CacheWrite5m, CacheWrite1h: t.CacheWrite1h,
		Output: t.Output, Reasoning: t.Reasoning, Tokens: t.Total()}
	if !hidden.Has(store.HideCost) {
		sum.CostUUSD, sum.USD, sum.UnpricedTokens = ref(int64(f.Cost)), ref(f.Cost.String()), ref(f.Unpriced)
	}
	return sum
}
