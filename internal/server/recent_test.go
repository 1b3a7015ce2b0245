package server

import (
	"sync"
	"testing"

	"tokenflex.ing/internal/server/store"
)

// Uploads that come at once share what one of them read; later ones read anew. Fails where each reads for itself.
func TestUploadsShareABoard(t *testing.T) {
	b := newBench(t)
	b.put(b.token(b.account("mira", store.Public), "x"), row("2026-11-20", "codex", 1000, 0))
	month := b.s.monthBoard()
	read := func(every int) *crowd {
		b.s.recent.every = every
		c, err := b.s.recent.of(t.Context(), b.s.ranks, month)
		if err != nil {
			t.Error(err)
		}
		return c
	}
	first := read(0)
	if first.tokens != 1000 || len(first.Marks) != 1 {
		t.Fatalf("the board has %d tokens in %d lines", first.tokens, len(first.Marks))
	}
	if read(1<<20) != first {
		t.Error("it is read again at once")
	}
	if read(0) == first {
		t.Error("it is never read again")
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if c, err := b.s.recent.of(t.Context(), b.s.ranks, month); err != nil || c.tokens != 1000 {
				t.Errorf("%+v, %v", c, err)
			}
		})
	}
	all.Wait()
}
