package ledger

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

// Link is a digest of a name that ties files together: those that share none are settled apart. That two names have the same
// digest only makes a group larger than it has to be.
func Link(source, name string) uint32 {
	const offset, prime = 2166136261, 16777619 // FNV-1a
	h := uint32(offset)
	for i := range len(source) {
		h = (h ^ uint32(source[i])) * prime
	}
	h = (h ^ ':') * prime
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * prime
	}
	return h
}

// linkSize is how many bytes a link takes.
const linkSize = 4

func linkBytes(links []uint32) []byte {
	slices.Sort(links)
	links = slices.Compact(links)
	b := make([]byte, 0, linkSize*len(links)+1)
	for _, n := range links {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	return b
}

func appendLinks(links []uint32, b []byte) []uint32 {
	for ; len(b) >= linkSize; b = b[linkSize:] {
		links = append(links, binary.LittleEndian.Uint32(b))
	}
	return links
}

// linkReader reads the links of one file after another: those of the first frame at once.
type linkReader struct {
	ledger *Ledger
	ahead  []byte
	at     int64 // of ahead
}

func (r *linkReader) read(p place) ([]byte, error) {
	if p.unwritten != nil || p.size == 0 {
		return p.unwritten, nil
	}
	if from := p.at - r.at; from >= 0 && from+p.size <= int64(len(r.ahead)) {
		return r.ahead[from : from+p.size], nil
	}
	b := make([]byte, max(p.size, r.ledger.linked-p.at))
	if _, err := r.ledger.disk.ReadAt(b, p.at); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if int64(len(b)) > p.size {
		r.ahead, r.at = b, p.at
	}
	return b[:p.size], nil
}

// area is where the links or the records of a frame are.
type area struct {
	at, size int64
	sum      uint32
}

// checkLinks reads all links once, to see that they are what was written: a wrong one would tear apart what belongs together.
func (l *Ledger) checkLinks() error {
	l.checking.Lock()
	defer l.checking.Unlock()
	for l.checked < len(l.areas) {
		a := l.areas[l.checked]
		if err := checkText(l.disk, a.at, a.size, a.sum, io.Discard); err != nil {
			return err
		}
		l.checked++
	}
	return nil
}
