package book

import (
	"errors"

	"tokenflex.ing/internal/pricing/decimal"
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
	n, err := decimal.Parse(dollars)
	switch {
	case errors.Is(err, decimal.ErrPrecise):
		return 0, errPrecise
	case errors.Is(err, decimal.ErrLarge), err == nil && n > MaxPico:
		return 0, errDear
	case err != nil:
		return 0, errDecimal
	}
	return n, nil
}

// Dollars is the shortest decimal that Pico reads back as pico.
func Dollars(pico int64) string { return decimal.Format(pico) }
