package render

import (
	"testing"

	"tokenflex.ing/internal/usage"
)

func TestAmountsInACurrency(t *testing.T) {
	for _, c := range []struct {
		currency Currency
		ascii    bool
		of       usage.Money
		want     string
	}{
		{Currency{}, false, 1_500_000, "$1.50"},
		{Currency{"USD", 0}, false, 1_500_000, "$1.50"},
		{Currency{"EUR", 920_000}, false, 1_500_000, "€1.38"},
		{Currency{"EUR", 920_000}, true, 1_500_000, "EUR 1.38"},
		{Currency{"CHF", 800_000}, false, 2_000_000_000, "CHF 1,600.00"},
		{Currency{"JPY", 155_123_456}, false, 1_000_000, "¥155.12"},
		{Currency{"EUR", 500_000}, false, 10_000, "<€0.01"},
		{Currency{"EUR", 500_000}, false, 0, "€0.00"},
		{Currency{"EUR", 999_999_999_999_999}, false, 1 << 62, "€9,223,372,036,854.78"},
	} {
		if got := (Style{Currency: c.currency, ASCII: c.ascii}).money(c.of); got != c.want {
			t.Errorf("%d in %+v: %s, want %s", c.of, c.currency, got, c.want)
		}
	}
}

func TestConvertingRoundsHalfToEven(t *testing.T) {
	for in, want := range map[usage.Money]usage.Money{1: 0, 3: 2, 5: 2, 7: 4, 2: 1} {
		if got := (Currency{"EUR", 500_000}).of(in); got != want {
			t.Errorf("half of %d: %d, want %d", in, got, want)
		}
	}
}
