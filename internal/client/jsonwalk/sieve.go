package jsonwalk

import "bytes"

// Sieve tells the lines in which a string can end in one of a few words from those in which none can, many times as fast as
// walking them. What it holds back holds no such string, however that is escaped; what it lets through may have none either.
//
// Its words begin with an underscore, which texts seldom hold, and go on with letters.
type Sieve struct{ words []string }

// NewSieve returns a sieve for strings that end in one of the words. A string is a key or a value.
func NewSieve(words ...string) Sieve { return Sieve{words} }

// tail is how many bytes at the end of a line are looked at first: tools write counters behind the text that they are of.
const tail = 1 << 10

// Passes reports whether a string in b may end in one of the words.
func (s Sieve) Passes(b []byte) bool {
	end := max(0, len(b)-tail)
	return s.within(b, end, len(b)) || s.within(b, 0, end) || escapedUnderscore(b)
}

// within reports whether one of the words begins between the places.
func (s Sieve) within(b []byte, from, to int) bool {
	for {
		i := bytes.IndexByte(b[from:to], '_')
		if i < 0 {
			return false
		}
		from += i + 1
		for _, word := range s.words {
			if ends(b[from:], word[1:]) {
				return true
			}
		}
	}
}

// ends reports whether b can go on with the rest of a word and the end of its string. At a backslash in the word anything can
// follow; after it a backslash only makes the string longer.
func ends(b []byte, rest string) bool {
	for i := range len(rest) {
		if i == len(b) || b[i] != rest[i] {
			return i < len(b) && b[i] == '\\'
		}
	}
	return len(b) > len(rest) && b[len(rest)] == '"'
}

// escapedUnderscore reports whether b holds \u005f. It looks for the 5, which is the rarest byte of it.
func escapedUnderscore(b []byte) bool {
	const before = `\u00`
	for from := 0; ; {
		i := bytes.IndexByte(b[from:], '5')
		if i < 0 {
			return false
		}
		from += i + 1
		if from < len(b) && b[from]|0x20 == 'f' && bytes.HasSuffix(b[:from-1], []byte(before)) {
			return true
		}
	}
}
