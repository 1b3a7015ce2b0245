package server

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"tokenflex.ing/internal/server/board"
	"tokenflex.ing/internal/server/store"
)

// readingShare is the part of the time that boards are read in for uploads: a tenth. What an upload is weighed against, and its rank,
// are as new as that allows.
const readingShare = 10

// maxRecent is how many boards are kept for uploads. There are two of a day; those of the days before are in nobody's way.
const maxRecent = 8

// recent keeps the boards that uploads look at, so that many uploads at once do not read them as often.
type recent struct {
	every int // times what reading took last until it is done again
	mu    sync.Mutex
	kept  map[store.Board]*recentBoard
}

type recentBoard struct {
	reading store.Turn
	last    atomic.Pointer[crowd]
}

// crowd is a standing with what is on it in all.
type crowd struct {
	*board.Standing
	tokens int64 // of all lines, on a board by tokens
	read   time.Time
	took   time.Duration
}

// of returns the board. While one upload reads it, the others take what was read before.
func (r *recent) of(ctx context.Context, ranks *board.Ranks, b store.Board) (*crowd, error) {
	k := r.board(b)
	if last := k.last.Load(); last != nil {
		if time.Since(last.read) < time.Duration(r.every)*last.took || !k.reading.Try() {
			return last, nil
		}
	} else {
		if err := k.reading.Take(ctx); err != nil {
			return nil, err
		}
		if last := k.last.Load(); last != nil { // somebody read it meanwhile
			k.reading.Leave()
			return last, nil
		}
	}
	defer k.reading.Leave()
	start := time.Now()
	standing, err := ranks.Of(ctx, b)
	if err != nil {
		return nil, err
	}
	c := &crowd{Standing: standing, read: time.Now()}
	for _, m := range standing.Marks {
		c.tokens += m.Value
	}
	c.took = time.Since(start)
	k.last.Store(c)
	return c, nil
}

func (r *recent) board(b store.Board) *recentBoard {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.kept[b]
	if k == nil {
		if r.kept == nil || len(r.kept) >= maxRecent {
			r.kept = make(map[store.Board]*recentBoard)
		}
		k = &recentBoard{reading: store.NewTurn()}
		r.kept[b] = k
	}
	return k
}
