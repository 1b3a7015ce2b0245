package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// A generation is a file of frames: the first holds everything that was known when it was written, and each further one what a
// later scan changed. A frame is
//
//	head     magic, version, generation, lengths and checksums
//	records  of the files: what each said, which only settling needs. A record can be read without anything else.
//	links    of the files, 4 bytes each
//	block    the files and groups that changed, which a report needs
//
// The records of a first scan are written while it reads; what needs to know all of them comes behind them.
const (
	magic       = "TFLX"
	version     = 4
	deltaless   = 3 // the version before there were deltas, which is the same but for that
	headSize    = 64
	anyRecord   = "TFL"           // begins the marks of records of any version
	recordMagic = anyRecord + "s" // of this one
	firstMagic  = anyRecord + "r" // of version 1
)

// head begins a frame.
type head struct {
	version               uint32
	generation            uint64
	block, links, records int64 // bytes
	blockSum, linksSum    uint32
	recordSum             uint32 // 0 in a first frame, which has its place only once it is whole
}

// linksAt and blockAt are where the links and the block of a frame that begins at a place are.
func (h head) linksAt(frame int64) int64 { return frame + headSize + h.records }
func (h head) blockAt(frame int64) int64 { return h.linksAt(frame) + h.links }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

func (h head) bytes() []byte {
	b := append(make([]byte, 0, headSize), magic...)
	b = binary.LittleEndian.AppendUint32(b, h.version)
	for _, n := range [...]uint64{h.generation, uint64(h.block), uint64(h.links), uint64(h.records)} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	for _, n := range [...]uint32{h.blockSum, h.linksSum, h.recordSum} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	b = append(b, make([]byte, headSize-4-len(b))...)
	return binary.LittleEndian.AppendUint32(b, checksum(b))
}

func (h head) size() int64 { return headSize + h.block + h.links + h.records }

// What else than damage makes a ledger one that is not gone on with.
var (
	ErrNewer = errors.New("a newer version of tokenflexing wrote the ledger")
	ErrOlder = errors.New("an older version of tokenflexing wrote the ledger")
)

func parseHead(b []byte) (h head, err error) {
	if len(b) < headSize || string(b[:4]) != magic {
		return h, fmt.Errorf("%w: no frame begins where one should", ErrDamaged)
	}
	h.version = binary.LittleEndian.Uint32(b[4:])
	if h.version > version {
		return h, ErrNewer
	}
	if h.version < deltaless {
		return h, ErrOlder
	}
	if checksum(b[:headSize-4]) != binary.LittleEndian.Uint32(b[headSize-4:]) {
		return h, fmt.Errorf("%w: the head of a frame", ErrDamaged)
	}
	h.generation = binary.LittleEndian.Uint64(b[8:])
	for i, n := range []*int64{&h.block, &h.links, &h.records} {
		if *n = int64(binary.LittleEndian.Uint64(b[16+8*i:])); *n < 0 || *n > 1<<40 {
			return h, fmt.Errorf("%w: a frame of %d bytes", ErrDamaged, *n)
		}
	}
	for i, n := range []*uint32{&h.blockSum, &h.linksSum, &h.recordSum} {
		*n = binary.LittleEndian.Uint32(b[40+4*i:])
	}
	return h, nil
}

// record is all of one file, between a mark to find it by and what the part is, whose entries come last and begin at a place of it. It
// lies in the encoder's memory.
func (e *encoder) record(f *File, k *Kept) (b []byte, entries int) {
	const usual = 96 // bytes of an entry
	e.reset()
	e.b = append(slices.Grow(e.b, 512+usual*len(k.Entries)), recordMagic+"\x00\x00\x00\x00\x00\x00\x00\x00"...)
	e.file(f)
	entries = e.part(k)
	binary.LittleEndian.PutUint32(e.b[4:], uint32(len(e.b)))
	binary.LittleEndian.PutUint32(e.b[8:], checksum(e.b[12:]))
	return e.b, entries
}

// form is how a record was written once. The zero one is today's.
type form struct {
	stateless bool // without where a reader stood
	plain     bool // with names as they are
}

// forms are those that a record of these versions may have, today's first.
var forms = [...]form{{}, {stateless: true}, {stateless: true, plain: true}}

// recordHead begins a record: a mark, and its length and checksum in four bytes each.
const recordHead = 12

// parseRecord reads the record at the beginning of b, and says how long it is.
func parseRecord(b []byte) (f *File, k *Kept, size int, err error) {
	size, sum, err := parseRecordHead(b)
	if err != nil {
		return nil, nil, 0, err
	}
	if size > len(b) || checksum(b[recordHead:size]) != sum {
		return nil, nil, 0, fmt.Errorf("%w: a record", ErrDamaged)
	}
	f, k, _, err = parseRecordText(string(b[recordHead:size]))
	return f, k, size, err
}

func parseRecordHead(b []byte) (size int, sum uint32, err error) {
	if len(b) < recordHead || string(b[:4]) != recordMagic && string(b[:4]) != firstMagic {
		return 0, 0, fmt.Errorf("%w: no record begins where one should", ErrDamaged)
	}
	if size = int(binary.LittleEndian.Uint32(b[4:])); size < recordHead {
		return 0, 0, fmt.Errorf("%w: a record", ErrDamaged)
	}
	return size, binary.LittleEndian.Uint32(b[8:]), nil
}

// parseRecordText reads what is behind the head, and says where the entries begin in a record of today's form, 0 in others.
func parseRecordText(text string) (f *File, k *Kept, begin int, err error) {
	for _, form := range forms {
		d := decoder{s: text, form: form}
		f = new(File)
		d.file(f)
		k = d.part()
		if err = d.err(); err == nil && (d.at < len(text) || f.Source == "" || f.Source[0] >= utf8.RuneSelf) {
			err = fmt.Errorf("%w: a record of another form", ErrDamaged)
		}
		if err == nil {
			if form == forms[0] {
				begin = d.entries
			}
			return f, k, begin, nil
		}
	}
	return nil, nil, 0, err
}

// readRecord reads a long record into the memory that its texts are cut from, where parseRecord would take twice as much.
func readRecord(from io.ReaderAt, at place) (text string, err error) {
	var b [recordHead]byte
	if _, err := from.ReadAt(b[:], at.at); err != nil {
		return "", fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	size, sum, err := parseRecordHead(b[:])
	if err == nil && int64(size) != at.size {
		err = fmt.Errorf("%w: a record", ErrDamaged)
	}
	if err != nil {
		return "", err
	}
	return readText(from, at.at+recordHead, at.size-recordHead, sum)
}

// readText reads bytes of a file into a text, and checks them.
func readText(from io.ReaderAt, at, size int64, sum uint32) (string, error) {
	var text strings.Builder
	text.Grow(int(size))
	if err := checkText(from, at, size, sum, &text); err != nil {
		return "", err
	}
	return text.String(), nil
}

// checkText checks bytes of a file, and copies them.
func checkText(from io.ReaderAt, at, size int64, sum uint32, to io.Writer) error {
	check := crc32.New(castagnoli)
	if n, err := io.Copy(io.MultiWriter(to, check), io.NewSectionReader(from, at, size)); err != nil || n < size {
		return fmt.Errorf("%w: it ends early", ErrDamaged)
	}
	if check.Sum32() != sum {
		return fmt.Errorf("%w: a checksum is wrong", ErrDamaged)
	}
	return nil
}
