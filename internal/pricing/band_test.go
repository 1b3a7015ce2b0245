package pricing

import (
	"testing"

	"tokenflex.ing/internal/usage"
)

func TestBandsThatNoPriceStartsAtDivideNothing(t *testing.T) {
	tests := []struct {
		model      string
		band, want usage.Band
	}{
		{"claude-sonnet-4-5", 32_000, 0},
		{"claude-sonnet-4-5", 128_000, 128_000}, // common: a price may begin there tomorrow
		{"claude-sonnet-4-5", 256_000, 200_000},
		{"claude-haiku-5-5", 32_000, 0},
		{"claude-haiku-5-5", 100_000, 100_000},
		{"openrouter/anthropic/claude-haiku-5.5", 100_000, 100_000},
		{"qwen3-coder-plus", 32_000, 32_000},
		{"qwen3-coder-plus", 100_000, 32_000},
		{"qwen3-coder-plus", 128_000, 128_000},
		{"qwen3-coder-plus", 256_000, 256_000},
		{"qwen-plus", 100_000, 0},
		{"no-such-model", 32_000, 0},
		{"no-such-model", 512_000, 512_000},
	}
	for _, test := range tests {
		cells := []usage.Cell{{Model: test.model, Band: test.band}}
		Embedded().Bands(cells)
		if cells[0].Band != test.want {
			t.Errorf("%s above %d: counted as above %d, want %d", test.model, test.band, cells[0].Band, test.want)
		}
	}
}

// What a band is brought down to must not change what anything costs.
func TestBandsKeepThePrice(t *testing.T) {
	tok := usage.Tokens{Input: 11, CacheRead: 13, CacheWrite5m: 17, CacheWrite1h: 19, Output: 23}
	table := Embedded()
	for _, m := range table.models {
		for _, p := range m.prices() {
			for _, band := range usage.Bands {
				cells := []usage.Cell{{Model: m.id, Band: band}}
				table.Bands(cells)
				fine, _ := table.Cost(usage.Key{Date: p.from, Model: m.id, Band: band}, tok)
				kept, _ := table.Cost(usage.Key{Date: p.from, Model: m.id, Band: cells[0].Band}, tok)
				if fine.Round() != kept.Round() {
					t.Errorf("%s on %s above %d costs %v, and %v above %d", m.id, p.from, band, fine.Round(), kept.Round(), cells[0].Band)
				}
			}
		}
	}
}
