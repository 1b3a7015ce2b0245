package server

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// A receipt says where its upload leaves a public account on the month's board, as the board does; to others it says nothing. Fails
// where usage of another month counts, or where a private account is told a place.
func TestAReceiptSaysTheRank(t *testing.T) {
	b := newBench(t)
	place := func(rank, of int64) *wire.Places { return &wire.Places{Month: wire.Place{Rank: rank, Of: of}} }
	mira, adam := b.token(b.account("mira", store.Public), "studio"), b.token(b.account("adam", store.Public), "laptop")
	zoe, last := b.token(b.account("zoe", store.Aggregate), "desk"), b.account("last", store.Public)
	for _, tt := range []struct {
		name, token string
		row         wire.Day
		want        *wire.Places
	}{
		{"the first", mira, row("2026-11-20", "codex", 100, 5), place(1, 1)},
		{"of another month", adam, row("2026-10-31", "codex", 900, 5), nil},
		{"the second, ahead", adam, row("2026-11-02", "codex", 200, 5), place(1, 2)},
		{"the first, now behind", mira, row("2026-11-20", "codex", 101, 5), place(2, 2)},
		{"a tie", mira, row("2026-11-21", "codex", 94, 5), place(1, 2)},
		{"not in public", zoe, row("2026-11-21", "codex", 5000, 5), nil},
		{"behind all", b.token(last, "desk"), row("2026-11-21", "codex", 1, 0), place(3, 3)},
	} {
		if diff := cmp.Diff(tt.want, b.put(tt.token, tt.row).Board); diff != "" {
			t.Errorf("%s: receipt (-want +got):\n%s", tt.name, diff)
		}
		if diff := cmp.Diff(tt.want, decode[wire.Me](b, b.ask("GET", wire.PathMe, tt.token, "")).Board); diff != "" {
			t.Errorf("%s: me (-want +got):\n%s", tt.name, diff)
		}
	}
}
