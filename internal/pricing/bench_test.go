package pricing

import "testing"

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
		t.Knows("openrouter/anthropic/claude-sonnet-4.5")
	}
}

func BenchmarkMatchUnknown(b *testing.B) {
	t := Embedded()
	for b.Loop() {
		t.Knows("some-vendor/a-model-nobody-knows-2026-01-01-high")
	}
}
