package jsonwalk

import (
	"encoding/binary"
	"math/bits"
)

// reach is how many bytes of b the search for quotes leaves to its caller at the end.
const reach = 64

// quote returns the first place, from the third byte of b on, of a quote that has not one backslash alone before it: one that has
// ends no string. Where no more than reach bytes are left, it returns the place from which on nothing was looked at.
func quote(b []byte) int {
	if wide {
		return quoteWide(b)
	}
	return quoteWords(b)
}

// quoteWords is quote by words of eight bytes.
func quoteWords(b []byte) int {
	i := 2
	for ; len(b)-i > reach; i += 32 {
		a := (*[34]byte)(b[i-2:])
		e0 := endingQuotes(word(a[2:]), word(a[1:]), word(a[0:]))
		e1 := endingQuotes(word(a[10:]), word(a[9:]), word(a[8:]))
		e2 := endingQuotes(word(a[18:]), word(a[17:]), word(a[16:]))
		e3 := endingQuotes(word(a[26:]), word(a[25:]), word(a[24:]))
		if e0|e1|e2|e3 == 0 {
			continue
		}
		for j := 2; j < 34; j++ {
			if a[j] == '"' && (a[j-1] != '\\' || a[j-2] == '\\') {
				return i + j - 2
			}
		}
	}
	return i
}

// Eight bytes at once, in a uint64 whose lowest byte is the first.
const (
	ones        = 0x0101010101010101
	tops        = 0x80 * ones
	quotes      = '"' * ones
	backslashes = '\\' * ones
)

func word(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// zeros has the top bit set of every byte of w that is zero. Bytes above the first such one may have it too.
func zeros(w uint64) uint64 { return (w - ones) &^ w & tops }

// filled has the top bit set of every byte of w that is not zero, and of no other.
func filled(w uint64) uint64 { return ((w&^tops + (tops - ones)) | w) & tops }

// first returns the place of the first byte of w in which a bit is set.
func first(w uint64) int { return bits.TrailingZeros64(w) >> 3 }

// endingQuotes marks the quotes in w, and maybe bytes behind one, that have not one backslash alone before them. Before and twice are the
// same bytes from one and from two places earlier.
func endingQuotes(w, before, twice uint64) uint64 {
	return zeros(w^quotes) & (filled(before^backslashes) | ^filled(twice^backslashes))
}
