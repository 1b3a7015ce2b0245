package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// A tally that is moved on by what became of some days is what all rows add up to.
func TestTallyMoved(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	some := func(days, n int) (rows []*store.Row) {
		for range n {
			day := noon.AddDate(0, 0, -r.IntN(days))
			rows = append(rows, &store.Row{First: day.AddDate(0, 0, r.IntN(6)), Day: usage.Day{Key: usage.Key{Date: day.Format(time.DateOnly), Model: fmt.Sprint(r.IntN(3))},
				Requests: r.Int64N(9), Tokens: usage.Tokens{Input: r.Int64N(9), CacheRead: 1, Output: r.Int64N(9), Reasoning: 1}, Cost: usage.Money(r.Int64N(9)), Priced: r.IntN(2) > 0}})
		}
		return rows
	}
	of := func(rows ...*store.Row) store.Tally { return store.AddUp(slices.Values(rows)) }
	from := noon.AddDate(0, 0, -4).Format(time.DateOnly)
	for range 2000 {
		all := some(9, r.IntN(12))
		var rest, before []*store.Row
		for _, row := range all {
			if row.Date < from {
				rest = append(rest, row)
			} else {
				before = append(before, row)
			}
		}
		now := some(5, r.IntN(6))
		got, known := of(all...).Moved(of(before...), of(now...))
		if !known {
			if len(before) == 0 || len(now) > 0 || len(rest) > 0 {
				t.Fatalf("the first day of %d rows before and %d now is not known", len(before), len(now))
			}
			continue
		}
		if diff := cmp.Diff(of(append(rest, now...)...), got); diff != "" {
			t.Fatal(diff)
		}
	}
}
