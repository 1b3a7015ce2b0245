package ledger

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"sync"
)

const (
	// spillSize is how many bytes of records are written at once.
	spillSize = 256 << 10
	// spillAfter is how many bytes of records that come to a ledger which is there are held in memory.
	spillAfter = 8 << 20
)

// spill holds the records that are not saved yet, one behind the other as they came, so that the memory of a first scan does not grow
// with the home. What a first scan spills lies where the first frame has its records: saving adds the rest to it. Otherwise it is
// copied into a frame.
type spill struct {
	mu      sync.Mutex
	written *sync.Cond // one more piece is
	writing int        // pieces that are being written
	size    int64      // of all records
	last    []byte     // of these, which begin no piece yet
	free    []byte     // memory for the next ones
	held    []piece    // in memory, in their order
	heldSum int64      // bytes of these
	file    *os.File   // has the others behind room for a head; nil before there are any
	named   bool       // the file is to be removed
	failed  bool       // there is no room for a file: memory has to do
}

// piece is some records that lie one behind the other.
type piece struct {
	at int64
	b  []byte
}

func newSpill() *spill {
	s := new(spill)
	s.written = sync.NewCond(&s.mu)
	return s
}

// keep takes a record, for a ledger in dir, which is there already or not. Where own is set the bytes are not the caller's any more.
func (s *spill) keep(dir string, there bool, b []byte) (p place, own bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p = place{at: s.size, size: int64(len(b)), spilled: true}
	if there && len(b) >= spillSize && s.heldSum+int64(len(s.last)+len(b)) <= spillAfter { // of one long session that grew
		if len(s.last) > 0 {
			s.hold(piece{p.at - int64(len(s.last)), s.last})
			s.last = nil
		}
		s.hold(piece{p.at, b})
		s.size += p.size
		return p, true
	}
	s.size += p.size
	s.last = append(s.last, b...)
	if len(s.last) < spillSize {
		return p, false
	}
	full := piece{s.size - int64(len(s.last)), s.last}
	if !s.room(dir, there, full) {
		s.last = make([]byte, 0, spillSize+spillSize/4)
		s.hold(full)
		return p, false
	}
	if s.last, s.free = s.free, nil; s.last == nil {
		s.last = make([]byte, 0, spillSize+spillSize/4)
	}
	s.write(full)
	return p, false
}

// room reports whether a piece is to be written to the file now.
func (s *spill) room(dir string, there bool, p piece) bool {
	if dir == "" || there && s.heldSum+int64(len(p.b)) <= spillAfter {
		return false
	}
	return s.open(dir, there) == nil
}

// hold keeps a piece in memory.
func (s *spill) hold(p piece) {
	s.held = slices.Insert(s.held, s.after(p.at), p)
	s.heldSum += int64(len(p.b))
}

// write writes a piece while others go on.
func (s *spill) write(p piece) {
	s.writing++
	s.mu.Unlock()
	_, err := s.file.WriteAt(p.b, headSize+p.at)
	if err == nil {
		writeBack(s.file, headSize+p.at, int64(len(p.b)))
	}
	s.mu.Lock()
	s.writing--
	if err != nil {
		s.failed = true
		s.hold(p)
	} else if cap(p.b) <= 2*spillSize {
		s.free = p.b[:0]
	}
	s.written.Broadcast()
}

// settle waits for what is being written.
func (s *spill) settle() {
	for s.writing > 0 {
		s.written.Wait()
	}
}

// open opens the file. One that is only copied from loses its name at once.
func (s *spill) open(dir string, there bool) (err error) {
	if s.failed {
		return os.ErrInvalid
	}
	if s.file != nil {
		return nil
	}
	if err = os.MkdirAll(dir, 0o700); err == nil {
		s.file, err = os.CreateTemp(dir, newPrefix+"*") // made 0600
	}
	s.failed = err != nil
	if s.named = err == nil; s.named && there {
		s.named = os.Remove(s.file.Name()) != nil // where a file that is open can have no name close does it
	}
	return err
}

func (s *spill) close() {
	if s.file == nil {
		return
	}
	s.file.Close()
	if s.named {
		os.Remove(s.file.Name())
	}
	s.file = nil
}

// whole returns the file of a spill that is to become a generation, if all of it is there but what it returns of the end.
func (s *spill) whole(dir string) (file *os.File, rest []byte, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	if len(s.held) > 0 || s.open(dir, false) != nil {
		return nil, nil, false
	}
	file, s.file = s.file, nil
	return file, s.last, true
}

// read returns the bytes of a place.
func (s *spill) read(p place) ([]byte, error) {
	b, file := s.inMemory(p)
	if b == nil {
		b = make([]byte, p.size)
		if _, err := file.ReadAt(b, headSize+p.at); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	return b, nil
}

// inMemory returns the bytes of a place if they are in memory, or the file that has them.
func (s *spill) inMemory(p place) ([]byte, *os.File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	in, last := piece{s.size - int64(len(s.last)), s.last}, true
	if i := s.after(p.at); p.at < in.at && i > 0 {
		in, last = s.held[i-1], false
	}
	at := p.at - in.at
	switch {
	case at < 0 || at+p.size > int64(len(in.b)):
		return nil, s.file
	case last: // it is written over once it is a piece that was written
		return slices.Clone(in.b[at : at+p.size]), nil
	}
	return in.b[at : at+p.size], nil
}

// after returns which of the pieces in memory is the first behind a place.
func (s *spill) after(at int64) int {
	i, _ := slices.BinarySearchFunc(s.held, at+1, func(p piece, at int64) int { return cmp.Compare(p.at, at) })
	return i
}

// read returns the bytes of a place.
func (l *Ledger) read(p place) ([]byte, error) {
	if p.unwritten != nil || p.size == 0 {
		return p.unwritten, nil
	}
	if p.spilled {
		return l.spill.read(p)
	}
	b := make([]byte, p.size)
	if _, err := l.disk.ReadAt(b, p.at); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return b, nil
}
