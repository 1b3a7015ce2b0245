//go:build !amd64

package jsonwalk

const wide = false

func quoteWide(b []byte) int { return quoteWords(b) }
