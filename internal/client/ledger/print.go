package ledger

import (
	"bytes"

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
type Printer struct {
	e   encoder
	sum uint64
}

// NewPrinter returns the print of nothing.
func NewPrinter() *Printer { return new(Printer) }

// Add goes on with one more entry: with what was counted and when, for an ID can come from the name of the file.
func (p *Printer) Add(n *source.Entry) {
	var second int64
	p.e.b = p.e.b[:0]
	p.e.fixed64(p.sum)
	p.e.text(n.Model)
	p.e.time(n.Time, &second)
	p.e.tokens(n.Tokens)
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	sum := uint64(offset)
	for _, c := range p.e.b {
		sum = (sum ^ uint64(c)) * prime
	}
	p.sum = sum
}

// Sum is the print of the entries so far.
func (p *Printer) Sum() uint64 { return p.sum }
