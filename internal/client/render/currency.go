package render

import (
	"math"
	"math/bits"
	"strings"

	"tokenflex.ing/internal/usage"
)

// Currency is what tables show amounts in. Documents for programs and rates stay in US dollars.
type Currency struct {
	Code string // ISO 4217; empty or USD: dollars
	Rate int64  // how much of it a dollar is, in millionths
}

var currencySigns = map[string]string{"EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩"}

// dollar reports whether nothing is to be converted.
func (c Currency) dollar() bool { return c.Code == "" || c.Code == "USD" }

// sign stands before an amount: the currency's own sign where it has one that no other shares and the terminal can draw.
func (s Style) sign() string {
	if s.Currency.dollar() {
		return "$"
	}
	if sign := currencySigns[s.Currency.Code]; sign != "" && !s.ASCII {
		return sign
	}
	return s.Currency.Code + " "
}

// money writes an amount in the style's currency, to the nearest cent, half to even.
func (s Style) money(m usage.Money) string {
	if s.Currency.dollar() {
		return dollars(m)
	}
	text := dollars(s.Currency.of(m))
	before, after, _ := strings.Cut(text, "$")
	return before + s.sign() + after
}

// moneyMarked is an amount in prose with the mark for what has no price.
func (s Style) moneyMarked(m usage.Money, priced, unpriced int64) string {
	sign := mark(priced, unpriced)
	if sign == "?" {
		return sign
	}
	return s.money(m) + sign
}

// of converts micro-dollars, and rounds to a millionth, half to even.
func (c Currency) of(m usage.Money) usage.Money {
	const one = 1_000_000
	hi, lo := bits.Mul64(uint64(max(0, m)), uint64(max(0, c.Rate)))
	if hi >= one {
		return math.MaxInt64
	}
	q, rest := bits.Div64(hi, lo, one)
	if rest > one/2 || rest == one/2 && q&1 == 1 {
		q++
	}
	return usage.Money(min(q, math.MaxInt64))
}
