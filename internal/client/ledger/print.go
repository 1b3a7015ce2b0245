package ledger

import (
	"bytes"
	"math/bits"

	"tokenflex.ing/internal/client/source"
)

// Same reports whether two parts say the same in everything.
func Same(a, b *Kept) bool {
	var x, y encoder
	x.part(a)
	y.part(b)
	return bytes.Equal(x.b, y.b)
}

// print counts the entries that the file still holds, and makes their print.
func (k *Kept) print() (n int, print uint64) {
	p := NewPrinter()
	for i := range k.Entries {
		if !k.IsLost(i) {
			p.Add(&k.Entries[i])
			n++
		}
	}
	return n, p.Sum()
}

// Printer makes prints of all beginnings of a list of entries, one after another.
type Printer struct{ sum uint64 }

// NewPrinter returns the print of nothing.
func NewPrinter() *Printer { return new(Printer) }

// Add goes on with one more entry: with what was counted and when, for an ID can come from the name of the file.
func (p *Printer) Add(n *source.Entry) {
	sum := mix(p.sum, uint64(len(n.Model)))
	model := n.Model
	for ; len(model) >= 8; model = model[8:] {
		sum = mix(sum, word(model))
	}
	sum = mix(sum, word(model))
	if !n.Time.IsZero() {
		sum = mix(mix(sum, uint64(n.Time.Unix())), uint64(n.Time.Nanosecond())+1)
	}
	for _, count := range [...]int64{n.Tokens.Input, n.Tokens.CacheRead, n.Tokens.CacheWrite5m, n.Tokens.CacheWrite1h, n.Tokens.Output, n.Tokens.Reasoning} {
		sum = mix(sum, uint64(count))
	}
	p.sum = sum
}

// word is the first bytes of a text as a number, up to eight.
func word(s string) (n uint64) {
	for i := range min(len(s), 8) {
		n |= uint64(s[i]) << (8 * i)
	}
	return n
}

// mix makes one number of two. It is the step of wyhash: any bit of them can change any bit of it.
func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a^0x9E3779B97F4A7C15, b^0xE7037ED1A0B428DB)
	return high ^ low
}

// Sum is the print of the entries so far.
func (p *Printer) Sum() uint64 { return p.sum }
