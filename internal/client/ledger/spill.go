package ledger

import (
	"fmt"
	"os"
	"sync"
)

// spillAfter is how many bytes of records are held in memory until they are saved. What is more lies in a file meanwhile, so that
// the memory of a first scan does not grow with the home.
const spillAfter = 8 << 20

// spill holds the records that are not saved yet.
type spill struct {
	mu     sync.Mutex
	held   int64
	file   *os.File
	size   int64
	failed bool // there is no room for it: memory has to do
}

// keep holds a record in memory, which own makes its own, or in the file.
func (s *spill) keep(dir string, b []byte, own func() []byte) place {
	size := int64(len(b))
	at, ok := s.room(dir, size)
	if ok {
		if _, err := s.file.WriteAt(b, at); err == nil {
			return place{at: at, size: size, spilled: true}
		}
		s.mu.Lock()
		s.failed = true
		s.mu.Unlock()
	}
	return place{unwritten: own(), size: size}
}

// room returns where in the file a record has room, if it is to lie there.
func (s *spill) room(dir string, size int64) (at int64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held+size <= spillAfter || dir == "" || s.failed {
		s.held += size
		return 0, false
	}
	if s.file == nil && !s.open(dir) {
		return 0, false
	}
	s.size += size
	return s.size - size, true
}

func (s *spill) open(dir string) bool {
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		s.file, err = os.CreateTemp(dir, newPrefix+"*") // made 0600
	}
	s.failed = err != nil
	if err == nil {
		os.Remove(s.file.Name()) // where a file that is open can have no name; else close does it
	}
	return err == nil
}

func (s *spill) close() {
	if s.file != nil {
		s.file.Close()
		os.Remove(s.file.Name())
	}
}

// read returns the bytes of a place.
func (l *Ledger) read(p place) ([]byte, error) {
	if p.unwritten != nil || p.size == 0 {
		return p.unwritten, nil
	}
	from := l.disk
	if p.spilled {
		from = l.spill.file
	}
	b := make([]byte, p.size)
	if _, err := from.ReadAt(b, p.at); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return b, nil
}
