package ledger

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrDamaged means that bytes of the ledger are not what was written.
var ErrDamaged = errors.New("the ledger is damaged")

// decoder reads what an encoder wrote. After the first byte that does not fit it reads nothing but zeros, and err says so.
type decoder struct {
	s     string
	at    int
	words []string
	names strings.Builder // what is behind the last names that were read
	bad   bool
	form  form

	entries int // where those of a part begin
}

func (d *decoder) fail() {
	d.bad = true
	d.at = len(d.s)
}

func (d *decoder) err() error {
	if d.bad {
		return fmt.Errorf("%w: an entry breaks off", ErrDamaged)
	}
	return nil
}

func (d *decoder) uint() uint64 {
	if d.at < len(d.s) && d.s[d.at] < 0x80 { // as most are
		d.at++
		return uint64(d.s[d.at-1])
	}
	return d.long()
}

func (d *decoder) long() uint64 {
	var n uint64
	for shift := 0; d.at < len(d.s) && shift < 64; shift += 7 {
		c := d.s[d.at]
		d.at++
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return n
		}
	}
	d.fail()
	return 0
}

func (d *decoder) int() int64 {
	n := d.uint()
	return int64(n>>1) ^ -int64(n&1)
}

func (d *decoder) bool() bool { return d.uint() != 0 }

// count reads how many things follow, of which each takes at least one byte.
func (d *decoder) count() int { return d.countOf(1) }

// countOf reads how many things follow, of which each takes at least that many bytes: what is damaged cannot ask for memory.
func (d *decoder) countOf(size int) int {
	n := d.uint()
	if n > uint64((len(d.s)-d.at)/size) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) text() string {
	n := d.count()
	s := d.s[d.at : d.at+n]
	d.at += n
	return s
}

// name reads what the encoder's name wrote. Names that follow one another lie in the same memory.
func (d *decoder) name() string {
	const together = 16 << 10
	turned := d.text()
	if d.form.plain {
		return turned
	}
	if d.names.Cap()-d.names.Len() < len(turned) {
		d.names = strings.Builder{}
		d.names.Grow(max(len(turned), min(together, len(d.s)-d.at+len(turned))))
	}
	from := d.names.Len()
	var some [64]byte
	for len(turned) > 0 {
		n := copy(some[:], turned)
		for i := range some[:n] {
			some[i] = ^some[i]
		}
		d.names.Write(some[:n])
		turned = turned[n:]
	}
	return d.names.String()[from:]
}

func (d *decoder) word() string {
	n := d.uint()
	switch {
	case n == 0:
		w := d.name()
		d.words = append(d.words, w)
		return w
	case n > uint64(len(d.words)):
		d.fail()
		return ""
	}
	return d.words[n-1]
}

func (d *decoder) time(before *int64) time.Time {
	n := d.uint()
	if n == 0 {
		return time.Time{}
	}
	if n > 1e9 {
		d.fail()
		return time.Time{}
	}
	*before += d.int()
	return time.Unix(*before, int64(n-1)).UTC()
}

func (d *decoder) fixed64() (n uint64) {
	if len(d.s)-d.at < 8 {
		d.fail()
		return 0
	}
	for i := range 8 {
		n |= uint64(d.s[d.at+i]) << (8 * i)
	}
	d.at += 8
	return n
}
