package sqlitefile

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
)

const (
	headerSize = 32
	// counterAt is where a database counts the transactions that were written straight into it.
	counterAt, counterEnd = 24, 28
	// recordsAt is where a rollback journal counts its pages, which may grow while it stays the same journal.
	recordsAt, recordsEnd = 8, 12
)

var journalMagic = []byte{0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7}

// state is what tells one state of a database's files from another.
type state struct {
	info    fs.FileInfo
	counter string
	// side is the suffix of the file beside the database that holds part of its content, if there is one.
	side string
	// generation is the same for as long as that file is only appended to. A log starts a new one before anything is
	// overwritten in it, and only after all it holds is in the database; a journal that is in use is named by its nonce.
	generation string
}

// look reads the state, without opening the database as one.
func look(name string) (state, error) {
	info, err := os.Stat(name)
	if err != nil {
		return state{}, err
	}
	header, err := readHeader(name)
	if err != nil {
		return state{}, err
	}
	s := state{info: info}
	if len(header) >= counterEnd {
		s.counter = string(header[counterAt:counterEnd])
	}
	for _, side := range [...]string{"-wal", "-journal"} {
		header, err := readHeader(name + side)
		switch {
		case errors.Is(err, fs.ErrNotExist) || err == nil && len(header) == 0:
			continue
		case err != nil:
			return state{}, err
		case side == "-journal" && !bytes.HasPrefix(header, journalMagic): // a finished transaction's
			continue
		case side == "-journal" && len(header) >= recordsEnd:
			clear(header[recordsAt:recordsEnd])
		}
		s.side, s.generation = side, string(header)
		break
	}
	return s, nil
}

// same reports whether nothing was written between the two looks.
func (s state) same(t state) bool {
	return s.sameGeneration(t) && s.info.Size() == t.info.Size() && s.info.ModTime().Equal(t.info.ModTime()) && s.counter == t.counter
}

// sameGeneration reports whether everything that was written into the database between the two looks stands in its log or
// can be undone by its journal.
func (s state) sameGeneration(t state) bool {
	return os.SameFile(s.info, t.info) && s.side == t.side && s.generation == t.generation
}

func readHeader(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	header := make([]byte, headerSize)
	n, err := io.ReadFull(f, header)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return header[:n], nil
}
