// Package decimal reads decimal numbers as whole millionths, so that money and rates are integers from the first byte on.
// It uses no floating point, rounds nothing and knows nothing of what is counted.
package decimal

import (
	"errors"
	"strings"
)

// MaxWhole is how many digits may stand before the point.
const MaxWhole = 9

// The ways a text is no number that Parse reads.
var (
	ErrSyntax  = errors.New("not a plain decimal number like 1.25")
	ErrPrecise = errors.New("more than six decimal places")
	ErrLarge   = errors.New("too large")
)

// Parse reads a plain decimal number ("3", "0.075") as millionths. It refuses signs, exponents, more than six decimal places
// and more than MaxWhole digits before the point.
func Parse(text string) (int64, error) {
	whole, frac, dot := strings.Cut(text, ".")
	if whole == "" || dot && frac == "" || strings.Trim(whole+frac, "0123456789") != "" {
		return 0, ErrSyntax
	}
	if len(frac) > 6 {
		return 0, ErrPrecise
	}
	if len(whole) > MaxWhole {
		return 0, ErrLarge
	}
	var n int64
	for _, c := range []byte(whole + frac) {
		n = n*10 + int64(c-'0')
	}
	for range 6 - len(frac) {
		n *= 10
	}
	return n, nil
}

// Format is the shortest decimal that Parse reads back as millionths. A negative number is written as zero.
func Format(millionths int64) string {
	digits := make([]byte, 0, 16)
	for ; millionths > 0 || len(digits) < 7; millionths /= 10 {
		digits = append(digits, byte('0'+max(0, millionths)%10))
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
