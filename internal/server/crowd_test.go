package server

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/accept"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// Whoever would be more than a quarter of the board beside a crowd waits with what makes it so, and counts again when the crowd has
// grown. Fails without the line, where the account's own part is counted with the crowd, and where it waits for good.
func TestNobodyIsTheWholeBoard(t *testing.T) {
	b := newBench(t)
	crowd := make([]string, accept.ShareUsers)
	for i := range crowd {
		crowd[i] = b.token(b.account(fmt.Sprintf("user-%d", i), store.Public), "x")
	}
	whale := b.token(b.account("whale", store.Public), "x")
	for i, token := range crowd {
		if i == len(crowd)-1 { // one fewer than a crowd
			if r := b.put(whale, row("2026-11-01", "codex", 4000, 0)); len(r.Held) != 0 {
				t.Errorf("beside %d others: %+v", i, r.Held)
			}
		}
		b.put(token, row("2026-11-20", "codex", 1000, 0))
	}
	for _, tt := range []struct {
		name string
		row  wire.Day
		held bool
	}{
		{"a quarter", row("2026-11-20", "codex", 12_666, 0), false},
		{"and one more", row("2026-11-21", "codex", 1, 0), true},
		{"by another tool", row("2026-11-22", "amp", 50_000, 0), true},
	} {
		if r := b.put(whale, tt.row); len(r.Held) > 0 != tt.held || tt.held && r.Held[0].Reason != "share" {
			t.Errorf("%s: held %+v", tt.name, r.Held)
		}
	}
	// What is older than the board counts, also beside what waits.
	if r := b.put(whale, row("2026-10-22", "amp", 90_000, 0), row("2026-11-22", "amp", 50_000, 0)); len(r.Held) != 1 || r.Held[0].Day != "2026-11-22" {
		t.Errorf("with an older day: held %+v", r.Held)
	}
	if me := decode[wire.MyRank](b, b.ask("GET", wire.PathMyRank+"?period=30d", whale, "")); me.Value != 16_666 {
		t.Errorf("on the board it has %d", me.Value)
	}
	for _, token := range crowd { // they catch up
		b.put(token, row("2026-11-21", "codex", 5000, 0))
	}
	if r := b.put(whale, row("2026-11-22", "amp", 50_001, 0), row("2026-11-21", "codex", 2, 0)); len(r.Held) != 0 {
		t.Errorf("beside a larger crowd: %+v", r.Held)
	}
}

func TestOthersAreTheBoardWithoutOneself(t *testing.T) {
	long := make([]store.Mark, 2*manyLines)
	for i := range long {
		long[i] = store.Mark{Value: 10, User: int64(i + 1)}
	}
	long[0].Value = 1000
	total := int64(10*len(long) + 990)
	for _, tt := range []struct {
		name  string
		marks []store.Mark
		total int64
		own   store.Mark
		want  accept.Others
	}{
		{"nobody", nil, 0, store.Mark{Value: 5, User: 1}, accept.Others{}},
		{"alone", []store.Mark{{Value: 5, User: 1}}, 5, store.Mark{Value: 6, User: 1}, accept.Others{}},
		{"not there yet", []store.Mark{{Value: 5, User: 1}}, 5, store.Mark{Value: 6, User: 2}, accept.Others{Users: 1, Tokens: 5, Top: 5}},
		{"two", []store.Mark{{Value: 9, User: 2}, {Value: 5, User: 1}}, 14, store.Mark{Value: 10, User: 2}, accept.Others{Users: 1, Tokens: 5, Top: 5}},
		{"the last", []store.Mark{{Value: 9, User: 2}, {Value: 5, User: 1}}, 14, store.Mark{Value: 6, User: 1}, accept.Others{Users: 1, Tokens: 9, Top: 9}},
		{"one of many, small", long, total, store.Mark{Value: 11, User: 9}, accept.Others{Users: len(long), Tokens: total, Top: 10}},
		{"one of many, large", long, total, store.Mark{Value: 1001, User: 1}, accept.Others{Users: len(long) - 1, Tokens: total - 1000, Top: 10}},
	} {
		if diff := cmp.Diff(tt.want, others(tt.marks, tt.total, tt.own)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
