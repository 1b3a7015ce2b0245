package book

import (
	"errors"
	"strings"
)

// MaxPico is the dearest rate a book may hold: 1000 dollars per million tokens, in pico-dollars a token.
const MaxPico = 1_000_000_000

var (
	errDecimal = errors.New("not a plain decimal number of dollars")
	errPrecise = errors.New("finer than a pico-dollar a token")
	errDear    = errors.New("above 1000 dollars per million tokens")
)

// Pico reads a decimal number of dollars per million tokens ("3", "0.075") as whole pico-dollars a token. It refuses
// signs, exponents, more than six decimal places and anything above MaxPico; nothing is rounded.
func Pico(dollars string) (int64, error) {
	whole, frac, dot := strings.Cut(dollars, ".")
	if whole == "" || dot && frac == "" || run(whole, digit) < len(whole) || run(frac, digit) < len(frac) {
		return 0, errDecimal
	}
	if len(frac) > 6 {
		return 0, errPrecise
	}
	if len(whole) > 4 {
		return 0, errDear
	}
	var n int64
	for _, c := range []byte(whole + frac) {
		n = n*10 + int64(c-'0')
	}
	for range 6 - len(frac) {
		n *= 10
	}
	if n > MaxPico {
		return 0, errDear
	}
	return n, nil
}

// Dollars is the shortest decimal that Pico reads back as pico.
func Dollars(pico int64) string {
	digits := make([]byte, 0, 12)
	for ; pico > 0 || len(digits) < 7; pico /= 10 {
		digits = append(digits, byte('0'+pico%10))
	}
	var b strings.Builder
	for i := len(digits) - 1; i >= 0; i-- {
		if i == 5 {
			b.WriteByte('.')
		}
		b.WriteByte(digits[i])
	}
	return strings.TrimSuffix(strings.TrimRight(b.String(), "0"), ".")
}
