package payload

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"slices"
	"time"

	"tokenflex.ing/internal/wire"
)

// markBytes is how many bytes of a digest a mark is.
const markBytes = wire.MarkSize * 3 / 4

// Sketcher makes the sketches of cells with the key of an account: of all that names their responses, the smallest digests.
type Sketcher struct {
	mac   hash.Hash
	named []byte
	cells map[cell]*smallest
}

// cell is a day of a source.
type cell struct{ day, source string }

// smallest are the smallest marks so far, rising.
type smallest struct {
	marks   []uint64
	unnamed bool // a response has no name, so that the marks are not of the whole cell
}

// NewSketcher returns one that makes sketches with the key.
func NewSketcher(key []byte) *Sketcher {
	return &Sketcher{mac: hmac.New(sha256.New, key), cells: make(map[cell]*smallest)}
}

// Add takes a response. Its name is the ID that its tool gave it with its time, for some tools begin their IDs anew on every machine.
func (s *Sketcher) Add(source, id string, at time.Time) {
	c := cell{at.UTC().Format(time.DateOnly), source}
	of := s.cells[c]
	if of == nil {
		of = &smallest{}
		s.cells[c] = of
	}
	if id == "" {
		of.unnamed = true
		return
	}
	of.add(s.mark(source, id, at))
}

func (s *Sketcher) mark(source, id string, at time.Time) uint64 {
	s.mac.Reset()
	b := append(append(s.named[:0], source...), 0)
	b = append(binary.BigEndian.AppendUint64(b, uint64(at.UnixMilli())), id...)
	s.mac.Write(b)
	s.named = s.mac.Sum(b[:0])
	return binary.BigEndian.Uint64(s.named) >> (64 - 8*markBytes)
}

func (s *smallest) add(mark uint64) {
	at, known := slices.BinarySearch(s.marks, mark)
	if known || at == wire.MaxMarks {
		return
	}
	s.marks = slices.Insert(s.marks[:min(len(s.marks), wire.MaxMarks-1)], at, mark)
}

// Sketches returns the sketches of the cells of which every response has a name, by day and source.
func (s *Sketcher) Sketches() (all []wire.Sketch) {
	for c, of := range s.cells {
		if of.unnamed {
			continue
		}
		var b []byte
		for _, mark := range of.marks {
			b = append(b, binary.BigEndian.AppendUint64(nil, mark)[8-markBytes:]...)
		}
		all = append(all, wire.Sketch{Day: c.day, Source: c.source, Marks: base64.URLEncoding.EncodeToString(b)})
	}
	slices.SortFunc(all, func(a, b wire.Sketch) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Source, b.Source)) })
	return all
}
