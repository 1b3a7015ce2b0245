package server

import (
	"context"
	"net/http"
	"time"

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
	answer := wire.Leaderboard{
		Period: wire.Period{Name: a.name, From: a.period.From, To: a.period.To},
		AsOf:   stamp(s.Now().Truncate(time.Minute)), Metric: string(a.board.Metric), Items: []wire.BoardItem{}, Ranked: p.ranked,
		NextCursor: p.next, Totals: totals(board.Countable(p.crowd)),
	}
	for i, l := range p.lines {
		answer.Items = append(answer.Items, wire.BoardItem{
			Rank: p.ranks[i], Handle: l.Handle, Value: l.Value, Tokens: l.Tokens.Total(), CostUUSD: int64(l.Cost), UnpricedTokens: l.Unpriced,
			TopModel: p.top[l.User], ActiveDays: l.ActiveDays,
		})
	}
	d, err := jsonDocument(answer)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "public, max-age=30, stale-while-revalidate=120")
	d.write(w, r)
	return nil
}

// boardLines is one page of a board, with what both its JSON and its HTML show.
type boardLines struct {
	lines  []store.Line
	ranks  []int64 // of the lines; ties share one
	start  int64   // position of the first line
	ranked int64   // lines on the whole board
	next   string
	crowd  store.Crowd
	top    map[int64]string // model by user
}

func (s *Server) readPage(ctx context.Context, a asked) (boardLines, error) {
	var p boardLines
	lines, err := s.Store.Lines(ctx, a.board, a.after, a.limit+1)
	if err != nil {
		return p, err
	}
	p.lines = lines[:min(len(lines), a.limit)]
	if len(lines) > a.limit {
		p.next = board.Cursor(s.key, a.board, p.lines[a.limit-1].Mark())
	}
	if p.crowd, err = s.Store.Crowd(ctx, a.board); err != nil {
		return p, err
	}
	p.ranked = p.crowd.PublicUsers
	if len(p.lines) == 0 {
		return p, nil
	}
	if err := s.rank(ctx, a.board, &p); err != nil {
		return p, err
	}
	shares, err := s.Store.ModelShares(ctx, users(p.lines), a.board.Source, a.period.From, a.period.To)
	if err != nil {
		return p, err
	}
	p.top, err = s.names.Top(ctx, shares)
	return p, err
}

// rank numbers the lines of a page: a line's rank is one more than the lines with a greater value.
func (s *Server) rank(ctx context.Context, b store.Board, p *boardLines) error {
	before, err := s.Store.Preceding(ctx, b, p.lines[0].Mark())
	if err != nil {
		return err
	}
	p.start = before + 1
	first, err := s.Store.Above(ctx, b, p.lines[0].Value)
	if err != nil {
		return err
	}
	p.ranks = make([]int64, len(p.lines))
	for i, l := range p.lines {
		switch {
		case i == 0:
			p.ranks[i] = first + 1
		case l.Value == p.lines[i-1].Value:
			p.ranks[i] = p.ranks[i-1]
		default:
			p.ranks[i] = p.start + int64(i)
		}
	}
	return nil
}

func users(lines []store.Line) []int64 {
	ids := make([]int64, len(lines))
	for i, l := range lines {
		ids[i] = l.User
	}
	return ids
}

func totals(f store.Figures) wire.Totals {
	t := f.Tokens
	return wire.Totals{Requests: f.Requests, Input: t.Input, CacheRead: t.CacheRead, CacheWrite5m: t.CacheWrite5m, CacheWrite1h: t.CacheWrite1h,
		Output: t.Output, Reasoning: t.Reasoning, Tokens: t.Total(), CostUUSD: int64(f.Cost), USD: f.Cost.String(), UnpricedTokens: f.Unpriced}
}
