package server

import (
	"context"
	"sync"
	"time"

	"tokenflex.ing/internal/server/board"
	"tokenflex.ing/internal/server/store"
)

// partsFor is how long the parts of a long board are kept: as long as its ranks.
const partsFor = time.Minute

// maxParts is of how many periods they are kept.
const maxParts = 64

// partsCache keeps what the boards of the periods asked for last can be filtered by.
type partsCache struct {
	mu   sync.Mutex
	kept map[string]boardParts
}

type boardParts struct {
	sources, families []string
	at                time.Time
}

// of returns the sources and the families that the period's boards can be filtered by; for a short board as it is now.
func (c *partsCache) of(ctx context.Context, boards store.Boards, period string, standing *board.Standing, now time.Time) (sources, families []string, err error) {
	c.mu.Lock()
	p, ok := c.kept[period]
	c.mu.Unlock()
	if ok && standing.Long() && now.Sub(p.at) < partsFor && !now.Before(p.at) {
		return p.sources, p.families, nil
	}
	p = boardParts{at: now}
	if p.sources, p.families, err = boards.BoardParts(ctx, period); err != nil {
		return nil, nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || len(c.kept) >= maxParts {
		c.kept = make(map[string]boardParts)
	}
	c.kept[period] = p
	return p.sources, p.families, nil
}
