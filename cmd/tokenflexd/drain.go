package main

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// traffic knows which connections have something to say: those that were let in and have not asked yet, and those at work.
// http.Server.Shutdown cannot be told to hear the former: it drops a request that it reads after it was called.
type traffic struct {
	mu     sync.Mutex
	silent map[net.Conn]bool
	active map[net.Conn]bool
}

func newTraffic(h *http.Server) *traffic {
	t := &traffic{silent: make(map[net.Conn]bool), active: make(map[net.Conn]bool)}
	h.ConnState = t.note
	return t
}

func (t *traffic) note(c net.Conn, s http.ConnState) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.silent, c)
	delete(t.active, c)
	switch s {
	case http.StateNew:
		t.silent[c] = true
	case http.StateActive:
		t.active[c] = true
	}
}

// over reports whether nobody is at work, and whether nobody is about to be.
func (t *traffic) over() (active, silent bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.active) == 0, len(t.silent) == 0
}

// end waits until everybody who was let in has been answered. Those who say nothing are waited for for patience alone.
func (t *traffic) end(ctx context.Context, patience time.Duration) {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for start := time.Now(); ; {
		if active, silent := t.over(); active && (silent || time.Since(start) > patience) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
