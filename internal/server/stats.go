package server

import (
	"context"
	"net/http"
	"sync"
	"time"

	"tokenflex.ing/internal/server/board"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// statsFor is how long sums over everybody are kept before they are made again.
const statsFor = time.Minute

// statsFew is how many accounts are summed anew for every request.
const statsFew = 1_000

// statsCache keeps the sums of the periods that were asked for last.
type statsCache struct {
	mu   sync.Mutex
	kept map[string]wire.Stats
	at   map[string]time.Time
}

// getStats sums what everybody used who may be counted.
func (s *Server) getStats(w http.ResponseWriter, r *http.Request) error {
	name, p, err := s.readPeriod(r)
	if err != nil {
		return err
	}
	answer, err := s.readStats(r.Context(), name, p)
	if err != nil {
		return err
	}
	d, err := jsonDocument(answer)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "public, max-age=60")
	d.write(w, r)
	return nil
}

func (s *Server) readStats(ctx context.Context, name string, p board.Period) (wire.Stats, error) {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	key := name + " " + p.Name
	if at, kept := s.stats.at[key]; kept && s.Now().Sub(at) < statsFor && s.stats.kept[key].Total.Users > statsFew {
		return s.stats.kept[key], nil
	}
	if err := s.Store.Fresh(ctx); err != nil {
		return wire.Stats{}, err
	}
	all, err := s.Store.Slices(ctx, p.Name, false)
	if err != nil {
		return wire.Stats{}, err
	}
	public, err := s.Store.Slices(ctx, p.Name, true)
	if err != nil {
		return wire.Stats{}, err
	}
	behind, err := s.Store.Behind(ctx)
	if err != nil {
		return wire.Stats{}, err
	}
	answer := wire.Stats{Period: wire.Period{Name: name, From: p.From, To: p.To}, AsOf: s.asOf(behind),
		MinUsers: board.MinCrowd, WinsorisedAt: store.Winsor, Sources: []wire.StatsCell{}, Families: []wire.StatsCell{}}
	for _, c := range board.Shown(all, public) {
		cell := wire.StatsCell{Name: c.Source + c.Family, Users: c.Users, Tokens: c.Tokens, CostUUSD: int64(c.Cost), Aggregate: c.Aggregate > 0}
		switch {
		case c.Source != "":
			answer.Sources = append(answer.Sources, cell)
		case c.Family != "":
			answer.Families = append(answer.Families, cell)
		default:
			answer.Total = cell
		}
	}
	if s.stats.kept == nil || len(s.stats.kept) > 64 {
		s.stats.kept, s.stats.at = make(map[string]wire.Stats), make(map[string]time.Time)
	}
	s.stats.kept[key], s.stats.at[key] = answer, s.Now()
	return answer, nil
}
