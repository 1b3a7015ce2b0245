package server

import (
	"context"
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
	p, err := s.readPage(r.Context(), a)
	if err != nil {
		return err
	}
	asOf, err := s.asOf(r.Context())
	if err != nil {
		return err
	}
	sum, _ := board.Countable(p.standing.Crowd)
	answer := wire.Leaderboard{
		Period: wirePeriod(a), Final: a.period.Final(s.Now()),
		AsOf: asOf, Metric: string(a.board.Metric), Items: boardItems(p), Ranked: p.ranked(),
		NextCursor: p.next, Totals: totals(sum, 0),
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

func boardItems(p boardLines) []wire.BoardItem {
	items := make([]wire.BoardItem, len(p.lines))
	for i, l := range p.lines {
		items[i] = wire.BoardItem{Rank: p.ranks[i], Handle: l.Handle, Value: l.Value, Tokens: l.Tokens.Total(), TopModel: p.top[l.User], Hidden: l.Hidden.Names()}
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
	lines    []store.Line
	ranks    []int64 // of the lines; ties share one
	start    int64   // position of the first line
	next     string
	top      map[int64]string // model by user
}

// ranked is how many lines the whole board has.
func (p boardLines) ranked() int64 { return int64(len(p.standing.Marks)) }

func (s *Server) readPage(ctx context.Context, a asked) (boardLines, error) {
	var p boardLines
	var err error
	if p.standing, err = s.ranks.Of(ctx, a.board); err != nil {
		return p, err
	}
	lines, err := s.Store.Lines(ctx, a.board, a.after, a.limit+1)
	if err != nil {
		return p, err
	}
	p.lines = lines[:min(len(lines), a.limit)]
	if len(lines) > a.limit {
		p.next = board.Cursor(s.key, a.board, p.lines[a.limit-1].Mark())
	}
	if len(p.lines) == 0 {
		return p, nil
	}
	p.rank()
	p.top, err = s.topModels(ctx, a, p.lines)
	return p, err
}

// rank numbers the lines.
func (p *boardLines) rank() {
	p.start = p.standing.Preceding(p.lines[0].Mark()) + 1
	p.ranks = make([]int64, len(p.lines))
	for i, l := range p.lines {
		p.ranks[i] = p.standing.Rank(l.Value)
	}
}

func (s *Server) topModels(ctx context.Context, a asked, lines []store.Line) (map[int64]string, error) {
	shares, err := s.Store.ModelShares(ctx, a.board, users(lines), a.period.From, a.period.To)
	if err != nil {
		return nil, err
	}
	return s.names.Top(ctx, shares)
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
