package storetest

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
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

// testNewerBookStays has a server with an older book beside a newer one, as while one after the other is replaced.
func testNewerBookStays(t *testing.T, s store.Store) {
	mira, adam := enrol(t, s, "mira"), enrol(t, s, "adam")
	d := day("2026-11-23", "codex", "gpt-5", 10, 0)
	put(t, s, mira, upload(1, d))
	if n := reprice(t, s, "2026-12-01", 5, 9); n != 1 {
		t.Fatalf("%d accounts by the newer book", n)
	}
	// Both servers go on: a row that the older prices, of the same day and model, waits for the newer.
	put(t, s, adam, upload(1, d))
	if n := reprice(t, s, "2026-11-25", 7, 9); n != 1 {
		t.Errorf("%d accounts by the older book, one was priced by one older still", n)
	}
	old := d
	old.Cost = 70
	d.Cost = 50
	wantTotal(t, s, mira, d)
	wantTotal(t, s, adam, old)
	if n := reprice(t, s, "2026-12-01", 5, 9); n != 1 {
		t.Errorf("%d accounts are left for the newer book", n)
	}
	wantTotal(t, s, adam, d)
	if n := reprice(t, s, "2026-11-25", 7, 9); n != 0 {
		t.Errorf("%d accounts go back to the older book", n)
	}
}

// testRepriceRounds prices rows of all kinds of tokens again, at rates that make sums end in half a micro-dollar often, and
// works every row out by itself.
func testRepriceRounds(t *testing.T, s store.Store) {
	mira := enrol(t, s, "mira")
	r := rand.New(rand.NewPCG(6, 2026))
	var days []usage.Day
	for _, date := range []string{"2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"} {
		for _, model := range []string{"gpt-5", "gpt-9", "claude-opus-4-5", "claude-haiku-4-5", "o3"} {
			for _, band := range []usage.Band{0, 200_000} {
				d := day(date, "codex", model, 0, 0)
				d.Band, d.Tokens = band, usage.Tokens{Input: r.Int64N(3), CacheRead: r.Int64N(1e9), CacheWrite5m: r.Int64N(1e6), CacheWrite1h: r.Int64N(9), Output: r.Int64N(1e6)}
				days = append(days, d)
			}
		}
	}
	put(t, s, mira, upload(1, days...))

	again := store.Repricing{Book: "2026-12-01", At: Noon, Most: 9}
	rates := make(map[store.RateKey]store.Rates)
	for _, k := range must[[]store.RateKey](t)(s.StaleRates(t.Context(), again.Book, 9)) {
		half := func() int64 { return 500_000 * r.Int64N(100) }
		rates[k] = store.Rates{Input: half(), CacheRead: half(), CacheWrite5m: half(), CacheWrite1h: half(), Output: half()}
		if r.IntN(3) == 0 {
			rates[k] = store.Rates{Input: r.Int64N(1e9), CacheRead: r.Int64N(1e9), CacheWrite5m: r.Int64N(1e9), CacheWrite1h: r.Int64N(1e9), Output: r.Int64N(1e9)}
		}
		again.Rates = append(again.Rates, store.Rated{RateKey: k, Family: "gpt", Priced: true, Rates: rates[k]})
	}
	must[int](t)(s.Reprice(t.Context(), again))

	ties := 0
	for i, d := range days {
		cost, tie := exactCost(d.Tokens, rates[store.RateKey{Day: d.Date, Model: d.Model, Band: d.Band, Tier: d.Tier}])
		days[i].Cost = cost
		if tie {
			ties++
		}
	}
	if ties < 5 {
		t.Errorf("only %d rows end in half a micro-dollar", ties)
	}
	wantTotal(t, s, mira, days...)
	if diff := cmp.Diff(costs(days), costs(daysOf(t, s, mira, mira.User))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// exactCost multiplies in whole numbers of any size, and rounds to micro-dollars, half to even. A tie ends in a half.
func exactCost(n usage.Tokens, r store.Rates) (cost usage.Money, tie bool) {
	pico, rest := new(big.Int), new(big.Int)
	for _, kind := range [][2]int64{{n.Input, r.Input}, {n.CacheRead, r.CacheRead}, {n.CacheWrite5m, r.CacheWrite5m}, {n.CacheWrite1h, r.CacheWrite1h}, {n.Output, r.Output}} {
		pico.Add(pico, new(big.Int).Mul(big.NewInt(kind[0]), big.NewInt(kind[1])))
	}
	micro, _ := new(big.Int).DivMod(pico, big.NewInt(1_000_000), rest)
	over := rest.Cmp(big.NewInt(500_000))
	if over > 0 || over == 0 && micro.Bit(0) == 1 {
		micro.Add(micro, big.NewInt(1))
	}
	return usage.Money(micro.Int64()), over == 0
}

func costs(days []usage.Day) map[usage.Key]usage.Money {
	of := make(map[usage.Key]usage.Money)
	for _, d := range days {
		of[d.Key] = d.Cost
	}
	return of
}
