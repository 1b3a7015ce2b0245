package sqlitefile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

// The format of a write-ahead log, as SQLite documents it: a header, and frames of a header and a page each.
const (
	walMagic      = 0x377f0682 // of which the last bit says in which order of bytes the sums are made
	walVersion    = 3007000
	walHeaderSize = 32
	walFrameSize  = 24 // without the page
	walBuffer     = 1 << 20
	minPage       = 512
	maxPage       = 65536
)

var errWAL = errors.New("the log is of a form that is not known")

// walIndex says where in a log the pages lie that its last whole transaction left.
type walIndex struct {
	pageSize int64
	size     int64            // of the database then, in bytes
	frames   map[uint32]int64 // places of pages, by their number
}

// readWAL finds the pages of all whole transactions. As for the engine, the log ends where a frame is not of the header's
// generation or its sum is wrong: one is being written there, or older ones lie behind.
func readWAL(log io.Reader) (walIndex, error) {
	in := bufio.NewReaderSize(log, walBuffer)
	var header [walHeaderSize]byte
	if _, err := io.ReadFull(in, header[:]); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return walIndex{}, nil
	} else if err != nil {
		return walIndex{}, err
	}
	be := binary.BigEndian
	magic, size := be.Uint32(header[0:]), be.Uint32(header[8:])
	if magic&^1 != walMagic || be.Uint32(header[4:]) != walVersion || size < minPage || size > maxPage || size&(size-1) != 0 {
		return walIndex{}, errWAL
	}
	sum := walSum{order: binary.LittleEndian}
	if magic&1 != 0 {
		sum.order = binary.BigEndian
	}
	sum.add(header[:24])
	if !sum.is(header[24:]) {
		return walIndex{}, errWAL
	}
	x := walIndex{pageSize: int64(size), frames: make(map[uint32]int64)}
	pending := make(map[uint32]int64)
	frame := make([]byte, walFrameSize+int(size))
	for at := int64(walHeaderSize); ; at += int64(len(frame)) {
		if _, err := io.ReadFull(in, frame); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return x, nil
		} else if err != nil {
			return walIndex{}, err
		}
		sum.add(frame[:8])
		sum.add(frame[walFrameSize:])
		page, pages := be.Uint32(frame[0:]), be.Uint32(frame[4:])
		if string(frame[8:16]) != string(header[16:24]) || page == 0 || !sum.is(frame[16:]) {
			return x, nil
		}
		pending[page] = at + walFrameSize
		if pages > 0 { // the transaction is whole
			for page, place := range pending {
				x.frames[page] = place
			}
			clear(pending)
			x.size = int64(pages) * x.pageSize
		}
	}
}

// walSum is the sum over everything so far.
type walSum struct {
	order binary.ByteOrder
	a, b  uint32
}

func (s *walSum) add(data []byte) {
	for ; len(data) >= 8; data = data[8:] {
		s.a += s.order.Uint32(data) + s.b
		s.b += s.order.Uint32(data[4:]) + s.a
	}
}

func (s *walSum) is(told []byte) bool {
	return s.a == binary.BigEndian.Uint32(told) && s.b == binary.BigEndian.Uint32(told[4:])
}
