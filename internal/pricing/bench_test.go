package pricing

import (
	"testing"

	"tokenflex.ing/internal/usage"
)

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := Parse([]byte(embedded)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMatchReseller(b *testing.B) {
	t := Embedded()
	for b.Loop() {
		t.search("openrouter/anthropic/claude-sonnet-4.5")
	}
}

func BenchmarkMatchUnknown(b *testing.B) {
	t := Embedded()
	for b.Loop() {
		t.search("some-vendor/a-model-nobody-knows-2026-01-01-high")
	}
}

// BenchmarkPrice prices the rows of an upload.
func BenchmarkPrice(b *testing.B) {
	t := Embedded()
	days := make([]usage.Day, 30)
	for i := range days {
		days[i].Key = usage.Key{Date: []string{"2026-11-22", "2026-11-23"}[i%2], Source: "codex", Tier: usage.Standard,
			Model: []string{"gpt-5", "gpt-5-mini", "claude-opus-4-5", "claude-sonnet-4-5", "gemini-2.5-pro"}[i/2%5]}
		days[i].Tokens = usage.Tokens{Input: 2_000_000, CacheRead: 14_000_000, Output: 400_000}
	}
	b.ReportAllocs()
	for b.Loop() {
		t.Price(days)
	}
}
