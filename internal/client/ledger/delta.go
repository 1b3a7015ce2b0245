package ledger

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

// A long record of which only the end changed is kept as what it has more than the last whole one, so that a ledger does not grow by all of
// a session for each response in it. A delta is
//
//	head     a mark, its length, and the checksum of what follows
//	whole    where the record lies that has most of the entries, how long it is, and where in it they begin
//	sum      the checksum of the record that comes of it, without its head
//	before   what that has before the entries
//	behind   the entries that came since
//
// The entries are the last part of a record, and what they were written as depends on nothing behind them.
const (
	deltaMagic = anyRecord + "d"
	// deltaLeast is how long a record is at least of which there are deltas, in bytes.
	deltaLeast = 64 << 10
	// deltaShare is the part of a record that a delta is at most: one that is longer is not worth the reading of two.
	deltaShare = 4
)

// origin is a whole record on the disk, and where in it its entries begin, behind its head.
type origin struct {
	place
	from int64
}

// entries is where the entries of a whole record are, and how many bytes they take.
func (o origin) entries() (at, size int64) {
	return o.at + recordHead + o.from, o.size - recordHead - o.from
}

type delta struct {
	origin
	sum            uint32
	before, behind string
}

// delta writes a record, whose entries begin at a place of it, as a delta of the one that was read of that file; false if it is none.
func (l *Ledger) delta(id int, record []byte, begin int) ([]byte, bool) {
	l.mu.Lock()
	o, ok := l.origins[id]
	l.mu.Unlock()
	if !ok {
		return nil, false
	}
	at, size := o.entries()
	if size <= 0 || int64(len(record)-begin) < size {
		return nil, false
	}
	before, same, behind := record[recordHead:begin], record[begin:begin+int(size)], record[begin+int(size):]
	if int64(len(before)+len(behind)) > o.size/deltaShare || !l.isOnDisk(at, same) {
		return nil, false
	}
	e := encoder{b: append(make([]byte, 0, 64+len(before)+len(behind)), deltaMagic+"\x00\x00\x00\x00\x00\x00\x00\x00"...)}
	for _, n := range [...]int64{o.at, o.size, o.from} {
		e.uint(uint64(n))
	}
	e.uint(uint64(checksum(record[recordHead:])))
	e.uint(uint64(len(before)))
	e.b = append(e.b, before...)
	e.b = append(e.b, behind...)
	binary.LittleEndian.PutUint32(e.b[4:], uint32(len(e.b)))
	binary.LittleEndian.PutUint32(e.b[8:], checksum(e.b[recordHead:]))
	return e.b, true
}

// isOnDisk reports whether these bytes lie at a place of the disk.
func (l *Ledger) isOnDisk(at int64, want []byte) bool {
	got := make([]byte, deltaLeast)
	for len(want) > 0 {
		some := got[:min(len(got), len(want))]
		if _, err := l.disk.ReadAt(some, at); err != nil || !bytes.Equal(some, want[:len(some)]) {
			return false
		}
		at, want = at+int64(len(some)), want[len(some):]
	}
	return true
}

// parseDelta reads the delta at the beginning of b, and says how long it is.
func parseDelta(b []byte) (d delta, size int, err error) {
	damaged := fmt.Errorf("%w: a delta", ErrDamaged)
	if len(b) < recordHead || string(b[:4]) != deltaMagic {
		return d, 0, damaged
	}
	size = int(binary.LittleEndian.Uint32(b[4:]))
	if size < recordHead || size > len(b) || checksum(b[recordHead:size]) != binary.LittleEndian.Uint32(b[8:]) {
		return d, 0, damaged
	}
	of := decoder{s: string(b[recordHead:size])}
	d.at, d.size, d.from = int64(of.uint()), int64(of.uint()), int64(of.uint())
	d.sum, d.before = uint32(of.uint()), of.text()
	if d.behind = of.s[of.at:]; of.bad || max(d.at, d.size) > 1<<40 || d.at < 0 || d.from < 0 || d.size < recordHead {
		return d, 0, damaged
	}
	if _, n := d.entries(); n < 0 {
		return d, 0, damaged
	}
	return d, size, nil
}

// text is the record that comes of a delta, without its head. From has so many bytes of the generation.
func (d *delta) text(from io.ReaderAt, has int64) (string, error) {
	at, size := d.entries()
	if at+size > has {
		return "", fmt.Errorf("%w: a delta of what is not there", ErrDamaged)
	}
	var text strings.Builder
	text.Grow(len(d.before) + int(size) + len(d.behind))
	sum := crc32.New(castagnoli)
	to := io.MultiWriter(&text, sum)
	io.WriteString(to, d.before)
	n, err := io.Copy(to, io.NewSectionReader(from, at, size))
	io.WriteString(to, d.behind)
	if err != nil || n < size || sum.Sum32() != d.sum {
		return "", fmt.Errorf("%w: a record and its delta do not fit", ErrDamaged)
	}
	return text.String(), nil
}

// longPart is Part of a long record. What it was read from is noted, so that what comes to it can be written as a delta.
func (l *Ledger) longPart(id int, at place) (*Kept, error) {
	var text string
	var err error
	o := origin{place: at}
	if at.delta {
		var d delta
		if d, err = l.readDelta(at); err == nil {
			o = d.origin
			text, err = d.text(l.disk, l.end)
		}
	} else {
		text, err = readRecord(l.disk, at)
	}
	if err != nil {
		return nil, err
	}
	_, k, begin, err := parseRecordText(text)
	if err != nil {
		return nil, err
	}
	if !at.delta {
		o.from = int64(begin)
	}
	if begin > 0 {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.origins == nil {
			l.origins = make(map[int]origin)
		}
		l.origins[id] = o
	}
	return k, nil
}

func (l *Ledger) readDelta(at place) (delta, error) {
	b, err := l.read(at)
	if err != nil {
		return delta{}, err
	}
	d, _, err := parseDelta(b)
	if err == nil && l.disk == nil {
		err = ErrDamaged
	}
	return d, err
}

// undeltaAll has whole records written in place of deltas, to another file. They are made one at a time, as they are written.
func (l *Ledger) undeltaAll() error {
	for id := range l.files {
		at := &l.files[id].record
		if !at.delta {
			continue
		}
		d, err := l.readDelta(*at)
		if err != nil {
			return err
		}
		_, entries := d.entries()
		at.whole = recordHead + int64(len(d.before)+len(d.behind)) + entries
	}
	return nil
}

// undelta makes the whole record of a delta.
func (l *Ledger) undelta(b []byte) ([]byte, error) {
	d, _, err := parseDelta(b)
	if err != nil {
		return nil, err
	}
	text, err := d.text(l.disk, l.end)
	if err != nil {
		return nil, err
	}
	b = append(make([]byte, 0, recordHead+len(text)), recordMagic...)
	b = binary.LittleEndian.AppendUint32(b, uint32(recordHead+len(text)))
	b = binary.LittleEndian.AppendUint32(b, d.sum)
	return append(b, text...), nil
}
