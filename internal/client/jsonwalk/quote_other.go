//go:build !amd64 || purego

package jsonwalk

const wide = false

func quoteWide(b []byte) int { return quoteWords(b) }
