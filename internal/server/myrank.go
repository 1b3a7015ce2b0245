package server

import (
	"errors"
	"net/http"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// neighbours is how many lines above and below somebody's own are shown to them.
const neighbours = 3

// getMyRank says where the token's account stands on a board, or would stand while it is not public.
func (s *Server) getMyRank(w http.ResponseWriter, r *http.Request) error {
	who, err := s.bearer(w, r)
	if err != nil {
		return err
	}
	if err := s.take(w, r, s.Limits.Token, who.TokenID); err != nil {
		return err
	}
	a, err := s.readBoard(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	line, err := s.Store.LineOf(ctx, a.board, who, who.User)
	if errors.Is(err, store.ErrNotFound) {
		return &refusal{code: wire.NotFound, detail: "there is nothing of yours on this board"}
	}
	if err != nil {
		return err
	}
	p := boardLines{}
	if p.standing, err = s.ranks.Of(ctx, a.board); err != nil {
		return err
	}
	_, err = s.Store.LineOf(ctx, a.board, store.Actor{}, who.User)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	shown := err == nil
	behind, err := s.Store.Behind(ctx)
	if err != nil {
		return err
	}
	answer := wire.MyRank{Period: wirePeriod(a), AsOf: s.asOf(behind), Metric: string(a.board.Metric), Public: shown,
		Rank: p.standing.Rank(line.Value), Ranked: p.ranked(), Value: line.Value, Above: []wire.BoardItem{}, Below: []wire.BoardItem{}}
	if !answer.Public {
		answer.Ranked++
	}
	answer.Percentile = 100
	if answer.Ranked > 1 {
		below := answer.Ranked - answer.Rank
		if p.standing.Tied(line.Value, who.User) { // those beside are not below
			below = answer.Ranked - p.standing.Rank(line.Value-1) + 1
			if !answer.Public {
				below--
			}
		}
		answer.Percentile = float64(10_000*below/(answer.Ranked-1)) / 100
	}
	above, after := p.standing.Around(line.Mark(), neighbours)
	for _, side := range []struct {
		marks []store.Mark
		items *[]wire.BoardItem
	}{{above, &answer.Above}, {after, &answer.Below}} {
		ids := make([]int64, len(side.marks))
		for i, m := range side.marks {
			ids[i] = m.User
		}
		q := boardLines{standing: p.standing}
		if q.lines, err = s.Store.LinesOf(ctx, a.board, ids); err != nil {
			return err
		}
		if len(q.lines) == 0 {
			continue
		}
		q.rank()
		beside, err := s.beside(ctx, a, q.standing, q.lines, false)
		if err != nil {
			return err
		}
		*side.items = boardItems(q, beside)
	}
	return writeJSON(w, answer)
}
