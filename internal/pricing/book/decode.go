package book

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// MaxSize is the largest book in bytes that Decode reads.
const MaxSize = 4 << 20

// Decode reads a book and checks it (see Check). Unknown fields are an error, so that a typing mistake is not a silent default.
func Decode(data []byte) (Book, error) {
	if len(data) > MaxSize {
		return Book{}, fmt.Errorf("price book: %d bytes, at most %d", len(data), MaxSize)
	}
	var b Book
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&b); err != nil {
		return Book{}, fmt.Errorf("price book: line %d: %w", line(data, d.InputOffset()), err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Book{}, fmt.Errorf("price book: line %d: something after the end", line(data, d.InputOffset()))
	}
	if err := b.Check(); err != nil {
		return Book{}, fmt.Errorf("price book: %w", err)
	}
	return b, nil
}

func line(data []byte, offset int64) int {
	return 1 + bytes.Count(data[:min(offset, int64(len(data)))], []byte("\n"))
}
