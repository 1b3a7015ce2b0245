package jsonwalk

import (
	"encoding/binary"
	"math/bits"
)

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

// first returns the place of the first byte of w whose top bit is set.
func first(w uint64) int { return bits.TrailingZeros64(w) >> 3 }

// plainEnd returns a place not before i and not after the end of the string that i, which is behind a quote, is in: text in which one quote was
// escaped holds more of them, and passing each on its own is slow. It leaves off as soon as quotes become rare.
func plainEnd(b []byte, i int) int {
	const block, rare = 32, 8 // bytes at once; blocks without a quote
	for without := 0; without < rare && len(b)-i >= block; i += block {
		a := (*[block + 2]byte)(b[i-2:])
		q0, e0 := ends8(word(a[2:]), word(a[1:]), word(a[0:]))
		q1, e1 := ends8(word(a[10:]), word(a[9:]), word(a[8:]))
		q2, e2 := ends8(word(a[18:]), word(a[17:]), word(a[16:]))
		q3, e3 := ends8(word(a[26:]), word(a[25:]), word(a[24:]))
		if e0|e1|e2|e3 != 0 {
			return i
		}
		without++
		if q0|q1|q2|q3 != 0 {
			without = 0
		}
	}
	return i
}

// ends8 marks the quotes in w, and those of them that can end a string: that have not one backslash alone before them. Of w
// shifted by one and by two bytes, before and twice are the bytes in front.
func ends8(w, before, twice uint64) (q, ends uint64) {
	q = zeros(w ^ quotes)
	return q, q & (filled(before^backslashes) | ^filled(twice^backslashes))
}
