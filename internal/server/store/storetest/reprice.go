package storetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
)

// reprice prices accounts by a book that asks the same micro-dollars for every token, at most so many steps of one
// account each, and returns how many accounts it did.
func reprice(t *testing.T, s store.Store, book string, uusd int64, steps int) int {
	t.Helper()
	done := 0
	for range steps {
		keys := must[[]store.RateKey](t)(s.StaleRates(t.Context(), book, 1))
		if len(keys) == 0 {
			break
		}
		r := store.Repricing{Book: book, At: Noon, Most: 1}
		pico := uusd * 1_000_000
		for _, k := range keys {
			r.Rates = append(r.Rates, store.Rated{RateKey: k, Family: "gpt", Priced: true, Rates: store.Rates{Input: pico, CacheRead: pico, CacheWrite5m: pico, CacheWrite1h: pico, Output: pico}})
		}
		done += must[int](t)(s.Reprice(t.Context(), r))
	}
	if err := s.EndRepricing(t.Context(), book, Noon); err != nil {
		t.Fatal(err)
	}
	return done
}

// testRepriceResumes stops after one account, as a crash would, and goes on.
func testRepriceResumes(t *testing.T, s store.Store) {
	mira, adam, eve := enrol(t, s, "mira"), enrol(t, s, "adam"), enrol(t, s, "eve")
	share(t, s, mira, store.Public)
	share(t, s, adam, store.Public)
	hide(t, s, adam, store.HideCost)
	d := unpriced(day("2026-11-23", "codex", "gpt-9", 100, 1))
	known := day("2026-11-22", "codex", "gpt-5", 10, 0)
	put(t, s, mira, upload(1, d, known))
	put(t, s, adam, upload(1, d))
	put(t, s, eve, judgedBy(above(50), upload(1, d)))

	if n := reprice(t, s, "2026-12-01", 5, 1); n != 1 {
		t.Errorf("%d accounts in one step", n)
	}
	log := must[[]store.Repriced](t)(s.Repricings(t.Context(), 9))
	if len(log) != 1 || !log[0].Finished.IsZero() || log[0].Accounts != 1 {
		t.Errorf("the log of half the work: %+v", log)
	}
	if n := reprice(t, s, "2026-12-01", 5, 9); n != 2 {
		t.Errorf("%d accounts were left", n)
	}
	d.Cost, d.Priced, known.Cost = 505, true, 50
	wantTotal(t, s, mira, d, known)
	wantTotal(t, s, adam, d)
	wantTotal(t, s, eve) // still held
	// Nothing about the private account, and nothing about one that hides its cost, but their number.
	want := []store.Repriced{{ID: log[0].ID, From: []string{"2026-11-20"}, To: "2026-12-01", Started: Noon, Finished: Noon, Accounts: 3, Moved: 2,
		Models: []string{"gpt-5", "gpt-9"}, Lines: []store.RepricedLine{{Handle: "mira", Rows: 2, Before: 1000, Now: 555}}}}
	if diff := cmp.Diff(want, must[[]store.Repriced](t)(s.Repricings(t.Context(), 9))); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	if n := reprice(t, s, "2026-12-01", 5, 9); n != 0 {
		t.Errorf("%d accounts priced again by the same book", n)
	}
	if got := lines(t, s, store.Board{Period: "2026-11", Metric: store.ByCost}, nil, 9); len(got) != 1 || got[0] != "mira 555" {
		t.Errorf("board by cost: %v", got)
	}
}
