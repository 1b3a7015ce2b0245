package pricing

import (
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

var micro = big.NewRat(1, 1_000_000)

// naive prices a day with exact fractions from what the API publishes, reading nothing but that.
func naive(lines []wire.Price, k usage.Key, tok usage.Tokens) *big.Rat {
	if !slices.ContainsFunc(lines, func(l wire.Price) bool { return inForce(lines, l, k.Date) && l.Tier == string(k.Tier) }) {
		k.Tier = usage.Standard
	}
	var best *wire.Price
	for i, l := range lines {
		if inForce(lines, l, k.Date) && l.Tier == string(k.Tier) && l.Band <= int64(k.Band) && (best == nil || l.Band > best.Band) {
			best = &lines[i]
		}
	}
	input, write := best.Input, best.CacheWrite5m
	if write == "" {
		write = input
	}
	sum := new(big.Rat)
	for _, kind := range []struct {
		n    int64
		rate string
		or   string
	}{
		{tok.Input, input, ""}, {tok.CacheRead, best.CacheRead, input}, {tok.CacheWrite5m, write, ""},
		{tok.CacheWrite1h, best.CacheWrite1h, write}, {tok.Output, best.Output, ""},
	} {
		if kind.rate == "" {
			kind.rate = kind.or
		}
		rate, _ := new(big.Rat).SetString(kind.rate)
		sum.Add(sum, rate.Mul(rate, new(big.Rat).SetInt64(kind.n)))
	}
	return sum.Mul(sum, micro) // rates are for a million tokens
}

func inForce(lines []wire.Price, l wire.Price, date string) bool {
	first := l.From
	for _, other := range lines {
		first = min(first, other.From)
	}
	return (l.From <= date || l.From == first) && (l.To == "" || date <= l.To)
}

// roundEven rounds dollars to micro-dollars, half to even.
func roundEven(dollars *big.Rat) int64 {
	x := new(big.Rat).Quo(dollars, micro)
	q, r := new(big.Int).QuoRem(x.Num(), x.Denom(), new(big.Int))
	if c := r.Lsh(r, 1).Cmp(x.Denom()); c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(1))
	}
	return q.Int64()
}

var tokensGen = rapid.Custom(func(t *rapid.T) usage.Tokens {
	n := func(label string) int64 { return rapid.Int64Range(0, wire.MaxCounter).Draw(t, label) }
	return usage.Tokens{Input: n("input"), CacheRead: n("read"), CacheWrite5m: n("write 5m"), CacheWrite1h: n("write 1h"), Output: n("output")}
})

func keyGen(table *Table) *rapid.Generator[usage.Key] {
	ids := make([]string, 0, len(table.models))
	for _, m := range table.models {
		ids = append(ids, m.id)
	}
	return rapid.Custom(func(t *rapid.T) usage.Key {
		return usage.Key{
			Date:   rapid.SampledFrom([]string{"2023-01-01", "2025-06-09", "2025-06-10", "2026-03-12", "2026-03-13", "2026-08-21", "2026-11-23", "2027-02-01"}).Draw(t, "date"),
			Source: "codex", Model: rapid.SampledFrom(ids).Draw(t, "model"),
			Band: rapid.SampledFrom(usage.Bands[:]).Draw(t, "band"), Tier: rapid.SampledFrom(usage.Tiers[:]).Draw(t, "tier"),
		}
	})
}

func TestPriceEqualsExactFractions(t *testing.T) {
	table := Embedded()
	lines := make(map[string][]wire.Price)
	for _, l := range table.Wire().Models {
		lines[l.Model] = append(lines[l.Model], l)
	}
	keys := keyGen(table)
	rapid.Check(t, func(t *rapid.T) {
		k, tok := keys.Draw(t, "key"), tokensGen.Draw(t, "tokens")
		days := []usage.Day{{Key: k, Tokens: tok}}
		if missing := table.Price(days); len(missing) > 0 || !days[0].Priced {
			t.Fatalf("unpriced: %v", missing)
		}
		want := naive(lines[k.Model], k, tok)
		if got := int64(days[0].Cost); got != roundEven(want) {
			t.Fatalf("%d micro-dollars, want %s dollars", got, want.FloatString(12))
		}
		pico, _ := table.Cost(k, tok)
		if got := new(big.Rat).SetFrac(pico.Big(), big.NewInt(1_000_000_000_000)); got.Cmp(want) != 0 {
			t.Fatalf("%s dollars, want %s", got.FloatString(12), want.FloatString(12))
		}
	})
}

func TestSplittingADayLeavesItsExactCost(t *testing.T) {
	table := Embedded()
	keys := keyGen(table)
	rapid.Check(t, func(t *rapid.T) {
		k := keys.Draw(t, "key")
		parts := rapid.SliceOfN(tokensGen, 1, 8).Draw(t, "parts")
		var sum usage.Pico
		var all usage.Tokens
		for _, p := range parts {
			cost, _ := table.Cost(k, p)
			sum, all = sum.Add(cost), all.Add(p)
		}
		if whole, _ := table.Cost(k, all); whole != sum {
			t.Fatalf("%s together, %s apart", whole.Big(), sum.Big())
		}
	})
}

func TestTheOrderOfDaysDoesNotMatter(t *testing.T) {
	table := Embedded()
	keys := keyGen(table)
	unknown := rapid.SampledFrom([]string{"nobody-1", "nobody-2", "", "<synthetic>"})
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) usage.Day {
			d := usage.Day{Key: keys.Draw(t, "key"), Tokens: tokensGen.Draw(t, "tokens"), Requests: rapid.Int64Range(0, 9).Draw(t, "requests")}
			if rapid.Bool().Draw(t, "unknown") {
				d.Model = unknown.Draw(t, "name")
			}
			return d
		}), 0, 12).Draw(t, "days")
		shuffled := rapid.Permutation(days).Draw(t, "shuffled")
		one, other := table.Price(days), table.Price(shuffled)
		if !slices.Equal(one, other) {
			t.Fatalf("unpriced %v, shuffled %v", one, other)
		}
		if total(days) != total(shuffled) {
			t.Fatalf("%d, shuffled %d", total(days), total(shuffled))
		}
	})
}

func total(days []usage.Day) (sum usage.Money) {
	for _, d := range days {
		sum = sum.Add(d.Cost)
	}
	return sum
}

func TestReasoningCostsNothingOnTop(t *testing.T) {
	k := usage.Key{Date: "2026-01-01", Model: "gpt-5.2"}
	with, _ := Embedded().Cost(k, usage.Tokens{Input: 10, Output: 100, Reasoning: 90})
	without, _ := Embedded().Cost(k, usage.Tokens{Input: 10, Output: 100})
	if with != without {
		t.Errorf("%s with, %s without", with.Big(), without.Big())
	}
}
