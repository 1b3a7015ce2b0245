// Package usage is the vocabulary of the project: tokens, records, cells, days, bands, tiers and money.
// It is pure: no file, clock, network or log.
package usage
