package server

import (
	"net/http"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// A host's clock that jumps, a year ahead by mistake and back again, loses nothing and locks nobody out.
func TestClockJumps(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Public)
	token := b.token(mira, "laptop")
	for i, jump := range []time.Duration{0, 365 * 24 * time.Hour, -365 * 24 * time.Hour, -48 * time.Hour, 49 * time.Hour} {
		b.wait(jump)
		b.put(token, row("2026-11-20", "codex", int64(100+i), 5))
		b.want(http.StatusOK, b.ask("GET", wire.PathMe, token, ""))
		b.want(http.StatusOK, b.ask("GET", "/", "", ""))
	}
	days, err := b.store.DaysOf(t.Context(), store.Actor{User: mira.ID}, mira.ID, "2026-11-01", "2026-11-30")
	if err != nil || len(days) != 1 || days[0].Tokens.Input != 104 {
		t.Errorf("stored: %+v, %v", days, err)
	}
}
