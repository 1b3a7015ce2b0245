package ledger

import (
	"encoding/binary"
	"sync"
	"time"
)

// encoder appends numbers and texts to bytes. Of words, which are texts that come again, only the first telling is written.
type encoder struct {
	b     []byte
	words map[string]uint64
	last  [4]numbered // of the last words: an entry has the model, session and project of the one before
	next  int         // of these
}

// numbered is a word and its number.
type numbered struct {
	word string
	n    uint64
}

// encoders are those that wrote a record, to write the next into the same memory.
var encoders = sync.Pool{New: func() any { return new(encoder) }}

// reset forgets what was written, and lets go of memory that few need.
func (e *encoder) reset() {
	const words = 64
	if e.b = e.b[:0]; cap(e.b) > longRecord {
		e.b = nil
	}
	if len(e.words) > words {
		e.words = nil
	}
	clear(e.words)
	e.last, e.next = [len(e.last)]numbered{}, 0
}

// longRecord is how much memory an encoder does not keep for the next record, in bytes.
const longRecord = 1 << 20

func (e *encoder) uint(n uint64) { e.b = binary.AppendUvarint(e.b, n) }

func (e *encoder) int(n int64) { e.b = binary.AppendVarint(e.b, n) }

func (e *encoder) bool(v bool) {
	if v {
		e.uint(1)
	} else {
		e.uint(0)
	}
}

func (e *encoder) text(s string) {
	e.uint(uint64(len(s)))
	e.b = append(e.b, s...)
}

// name writes a text that people may have given a meaning, a folder's or a session's, with its bits turned round: a search of the
// disk for it does not find the ledger. It is no secret from who reads the format.
func (e *encoder) name(s string) {
	e.text(s)
	b := e.b[len(e.b)-len(s):]
	for ; len(b) >= 8; b = b[8:] {
		binary.LittleEndian.PutUint64(b, ^binary.LittleEndian.Uint64(b))
	}
	for i := range b {
		b[i] = ^b[i]
	}
}

// word writes the number of a word, or 0 and the word itself.
func (e *encoder) word(s string) {
	for i := range e.last {
		if l := &e.last[i]; l.n > 0 && l.word == s {
			e.uint(l.n)
			return
		}
	}
	n, ok := e.words[s]
	if ok {
		e.uint(n)
	} else {
		if e.words == nil {
			e.words = make(map[string]uint64)
		}
		n = uint64(len(e.words)) + 1
		e.words[s] = n
		e.uint(0)
		e.name(s)
	}
	e.last[e.next%len(e.last)] = numbered{s, n}
	e.next++
}

// time writes seconds since the one before and nanoseconds. A zero time is written as such.
func (e *encoder) time(t time.Time, before *int64) {
	if t.IsZero() {
		e.uint(0)
		return
	}
	e.uint(uint64(t.Nanosecond()) + 1)
	e.int(t.Unix() - *before)
	*before = t.Unix()
}

func (e *encoder) fixed64(n uint64) { e.b = binary.LittleEndian.AppendUint64(e.b, n) }
