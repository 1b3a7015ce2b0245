// Package book is the format of the price book: one JSON file that says what each model cost from which day on, under
// which names tools write it, and where the figure was read. It decodes, checks and encodes; it looks nothing up.
package book
