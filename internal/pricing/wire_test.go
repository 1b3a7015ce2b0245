package pricing

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/wire"
)

func TestWireListsEveryDayBandAndTier(t *testing.T) {
	table, err := Parse([]byte(`prices 1
date 2026-02-01
model b-2 acme other
from 2026-01-01 checked 2026-02-01 the price page
rate 0 standard 1 - - - 2
model a-1 acme other
also A.One a-one-latest
from 2025-03-01 checked 2026-02-01 the price page
rate 200000 standard 2 0.2 - - 4
rate 0 fast 9 - - - 9
rate 0 standard 1 0.1 1.25 2 2
from 2026-01-01 checked 2026-02-01 the price page
rate 0 standard 0 - - - 0.000001
`))
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"A.One", "a-one-latest"}
	want := wire.Pricing{Version: 1, Book: table.Text(), AsOf: "2026-02-01", Currency: "USD", Models: []wire.Price{
		{Model: "a-1", Provider: "acme", Aliases: names, From: "2025-03-01", To: "2025-12-31", Tier: "fast", Input: "9", Output: "9"},
		{Model: "a-1", Provider: "acme", Aliases: names, From: "2025-03-01", To: "2025-12-31", Tier: "standard",
			Input: "1", CacheRead: "0.1", CacheWrite5m: "1.25", CacheWrite1h: "2", Output: "2"},
		{Model: "a-1", Provider: "acme", Aliases: names, From: "2025-03-01", To: "2025-12-31", Band: 200_000, Tier: "standard", Input: "2", CacheRead: "0.2", Output: "4"},
		{Model: "a-1", Provider: "acme", Aliases: names, From: "2026-01-01", Tier: "standard", Input: "0", Output: "0.000001"},
		{Model: "b-2", Provider: "acme", Aliases: []string{}, From: "2026-01-01", Tier: "standard", Input: "1", Output: "2"},
	}}
	if diff := cmp.Diff(want, table.Wire()); diff != "" {
		t.Error(diff)
	}
}
