package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
)

// testCatchUp uploads for more accounts than a reader waits for.
func testCatchUp(t *testing.T, s store.Store) {
	b := store.Board{Period: "2026-11", Metric: store.ByTokens}
	behind := func(want time.Time) {
		t.Helper()
		b := must[store.Behind](t)(s.Behind(t.Context()))
		if !b.Since.Equal(want) || b.Accounts == 0 != want.IsZero() {
			t.Errorf("%d accounts are behind since %v, want %v", b.Accounts, b.Since, want)
		}
	}
	behind(time.Time{})
	var all []store.Actor
	var want []string
	for i := range store.FreshWithin + 1 {
		who := enrol(t, s, fmt.Sprint("user", i))
		share(t, s, who, store.Public)
		up := upload(1, day("2026-11-23", "codex", "gpt-5", int64(100-i), 0))
		up.At = Noon.Add(time.Duration(i) * time.Second)
		put(t, s, who, up)
		all, want = append(all, who), append(want, fmt.Sprint("user", i, " ", 100-i))
	}
	if got := lines(t, s, b, nil, 99); got != nil {
		t.Errorf("a reader waited for %v", got)
	}
	behind(Noon)
	last := all[store.FreshWithin] // what is one's own is there at once
	wantTotal(t, s, last, day("2026-11-23", "codex", "gpt-5", 100-store.FreshWithin, 0))
	if l := must[store.Line](t)(s.LineOf(t.Context(), b, last, last.User)); l.Value != 100-store.FreshWithin {
		t.Errorf("one's own line has %d", l.Value)
	}
	if diff := cmp.Diff(want, lines(t, s, b, nil, 99)); diff != "" { // one less waits now
		t.Errorf("a reader (-want +got):\n%s", diff)
	}
	behind(time.Time{})
	for i, again := range []time.Duration{5 * time.Second, 5 * time.Second, 2*time.Second + store.RestFor} {
		up := upload(2, day("2026-11-23", "codex", "gpt-5", int64(200+i), 0))
		up.At = Noon.Add(again)
		put(t, s, all[i], up)
	}
	for _, tt := range []struct {
		after time.Duration
		want  []int
	}{{2*time.Second + store.RestFor, []int{1, 0}}, {5*time.Second + store.RestFor, []int{1, 1, 0}}} { // the third had paused
		for _, want := range tt.want {
			if n := must[int](t)(s.CatchUp(t.Context(), 1, Noon.Add(tt.after))); n != want {
				t.Errorf("after %s caught up with %d, want %d", tt.after, n, want)
			}
		}
	}
	behind(time.Time{})
}

// testLinesWait lets lines wait while what they depend on moves on: they are made as of when the upload came.
func testLinesWait(t *testing.T, s store.Store) {
	october := store.Board{Period: "2026-10", Metric: store.ByTokens}
	inTime := time.Date(2026, 11, 2, 23, 59, 0, 0, time.UTC) // 48 hours after its end it closes
	mira, adam, eve := enrol(t, s, "mira"), enrol(t, s, "adam"), enrol(t, s, "eve")
	share(t, s, mira, store.Public)
	share(t, s, adam, store.Public)
	for i, who := range []store.Actor{mira, adam, eve} {
		up := upload(1, day("2026-10-31", "codex", "gpt-5", int64(100-i), 0))
		up.At = inTime
		put(t, s, who, up)
	}
	late := upload(2, day("2026-10-31", "codex", "gpt-5", 900, 0))
	late.At = inTime.Add(time.Minute)
	put(t, s, adam, late)
	share(t, s, eve, store.Public)    // was private when it closed
	share(t, s, mira, store.Private)  // and back
	share(t, s, mira, store.Public)   //
	reprice(t, s, "2027-01-01", 5, 9) // changes every line that is open
	if diff := cmp.Diff([]string{"mira 100", "adam 99"}, lines(t, s, october, nil, 9)); diff != "" {
		t.Errorf("a period that closed meanwhile (-want +got):\n%s", diff)
	}
	if got := lines(t, s, store.Board{Period: "all", Metric: store.ByTokens}, nil, 9); len(got) != 3 || got[0] != "adam 900" {
		t.Errorf("all time: %v", got)
	}

	// The rolling boards move on before the line is made.
	up := upload(3, day("2026-11-17", "codex", "gpt-5", 1, 0), day("2026-11-22", "codex", "gpt-5", 10, 0))
	up.At = Noon.AddDate(0, 0, -1)
	put(t, s, adam, up)
	if err := s.RollOn(t.Context(), Noon.Format(time.DateOnly)); err != nil {
		t.Fatal(err)
	}
	up = upload(4, day("2026-11-16", "codex", "gpt-5", 1000, 0))
	up.At = Noon.AddDate(0, 0, -1) // sent before midnight, and stored after it
	put(t, s, adam, up)
	if diff := cmp.Diff([]string{"adam 11"}, lines(t, s, store.Board{Period: "7d", Metric: store.ByTokens}, nil, 9)); diff != "" {
		t.Errorf("the last seven days (-want +got):\n%s", diff)
	}
	if err := s.Erase(t.Context(), eve, "eve", Noon); err != nil {
		t.Fatal(err)
	}
	page(t, s, october, nil, 9)
}
