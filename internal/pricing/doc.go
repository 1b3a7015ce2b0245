// Package pricing says what tokens cost: the price that was in force on the day, for exactly that model, kind of token, prompt
// band and service tier, in whole pico-dollars. Both binaries use it, so that they agree to the micro-dollar.
// It reads the book embedded in it and nothing else: no file, network or clock, and no floating point.
package pricing

//go:generate go run ../../tools/genbook
