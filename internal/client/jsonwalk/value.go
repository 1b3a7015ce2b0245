package jsonwalk

import (
	"bytes"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Text takes the string ahead and returns it decoded: as encoding/json does, with U+FFFD for what is not Unicode.
// The bytes are valid until Reset. A value of another kind is skipped and gives nil.
func (w *Walker) Text() []byte {
	if w.Kind() != String {
		w.Skip()
		return nil
	}
	from := w.pos + 1
	if end := shortEnd(w.buf, from); end > 0 {
		w.pos = end
		return w.buf[from : end-1]
	}
	end := w.stringEnd(from)
	if w.broken {
		return nil
	}
	w.pos = end
	raw := w.buf[from : end-1]
	if bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return raw
	}
	at := len(w.scratch)
	w.scratch = decode(w.scratch, raw)
	return w.scratch[at:]
}

// shortString is as long as the names and identifiers that tools write, in bytes.
const shortString = 64

// shortEnd returns the place after the quote that ends a plain string of a few bytes, as keys and names are, or 0.
func shortEnd(b []byte, from int) int {
	s := b[from:min(from+shortString, len(b))]
	for len(s) >= 8 {
		w := word(s)
		if ends := (zeros(w^quotes) | zeros(w^backslashes) | w) & tops; ends != 0 {
			if i := first(ends); byte(w>>(8*i)) == '"' {
				return from + i + 1
			}
			return 0
		}
		s, from = s[8:], from+8
	}
	for i, c := range s {
		if c == '"' {
			return from + i + 1
		} else if c == '\\' || c >= utf8.RuneSelf {
			return 0
		}
	}
	return 0
}

// Count takes the number ahead and returns it as a counter of something: fractions are cut off, numbers in strings are
// read, and whatever is no number, not finite or below zero is 0. A number too large for an int64 gives the largest int64.
func (w *Walker) Count() int64 {
	switch w.Kind() {
	case Scalar:
		if n, ok := w.digits(); ok {
			return n
		}
		return count(w.scalar())
	case String:
		return count(bytes.TrimSpace(w.Text()))
	}
	w.Skip()
	return 0
}

// digits takes the number ahead if it is one of up to 18 digits and nothing else.
func (w *Walker) digits() (n int64, ok bool) {
	b := w.buf[w.pos:min(w.pos+19, len(w.buf))]
	for i, c := range b {
		if c < '0' || c > '9' {
			if i == 0 || inScalar[c] {
				return 0, false
			}
			w.pos += i
			return n, true
		}
		n = n*10 + int64(c-'0')
	}
	return 0, false
}

// True takes the value ahead and reports whether it is the literal true.
func (w *Walker) True() bool {
	if w.Kind() == Scalar {
		return string(w.scalar()) == "true"
	}
	w.Skip()
	return false
}

func count(b []byte) int64 {
	var n int64
	for _, c := range b {
		if c < '0' || c > '9' || n > (math.MaxInt64-9)/10 {
			return countFloat(b)
		}
		n = n*10 + int64(c-'0')
	}
	return n
}

// countFloat reads the numbers that are not plain digits. The first byte keeps out the names of what is not finite.
func countFloat(b []byte) int64 {
	if len(b) == 0 || b[0] < '0' || b[0] > '9' || bytes.ContainsAny(b, "xX_") {
		return 0
	}
	f, err := strconv.ParseFloat(string(b), 64)
	switch {
	case err != nil && !math.IsInf(f, 1):
		return 0
	case f >= math.MaxInt64:
		return math.MaxInt64
	}
	return int64(f)
}

// decode appends the string with the raw bytes, which hold no bare quote.
func decode(to, raw []byte) []byte {
	for i := 0; i < len(raw); {
		c := raw[i]
		switch {
		case c == '\\' && i+1 < len(raw) && raw[i+1] == 'u':
			r, n := decodeUnit(raw[i:])
			to = utf8.AppendRune(to, r)
			i += n
		case c == '\\' && i+1 < len(raw):
			to = append(to, unescape(raw[i+1]))
			i += 2
		case c < utf8.RuneSelf:
			to = append(to, c)
			i++
		default:
			r, n := utf8.DecodeRune(raw[i:])
			to = utf8.AppendRune(to, r)
			i += n
		}
	}
	return to
}

func unescape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// decodeUnit reads the \uXXXX that b begins with, and its second half if it is the first of a surrogate pair.
// It returns the rune and how many bytes it took.
func decodeUnit(b []byte) (rune, int) {
	r, ok := hexUnit(b)
	if !ok {
		return utf8.RuneError, 2
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if low, ok := hexUnit(b[6:]); ok {
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6
}

func hexUnit(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range b[2:6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
