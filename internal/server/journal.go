package server

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/server/store"
)

func (s *Server) keepJournal(ctx context.Context) error {
	if s.Journal == "" {
		return nil
	}
	s.journal.Lock()
	defer s.journal.Unlock()
	return KeepJournal(ctx, s.Store, s.Journal)
}

// KeepJournal appends the erasures that the journal lacks. The journal is a file beside the database that no backup of the
// database takes back, so that whoever was erased after a backup is erased again when it is restored. Two at once may write one twice.
func KeepJournal(ctx context.Context, from store.Store, file string) error {
	all, err := from.Erasures(ctx)
	if err != nil || len(all) == 0 {
		return err
	}
	have, err := ReadJournal(file)
	if err != nil {
		return err
	}
	known := make(map[store.Hash]bool, len(have))
	for _, e := range have {
		known[e.Mark] = true
	}
	var text strings.Builder
	for _, e := range all {
		if !known[e.Mark] {
			fmt.Fprintf(&text, "%d %x\n", e.At.Unix(), e.Mark)
		}
	}
	if text.Len() == 0 {
		return nil
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text.String())
	return errors.Join(err, f.Sync(), f.Close())
}

// ReadJournal reads a journal of erasures; one that is not there is empty. A last line that was cut off is left out.
func ReadJournal(file string) ([]store.Erasure, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []store.Erasure
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		at, mark, _ := strings.Cut(lines.Text(), " ")
		seconds, err1 := strconv.ParseInt(at, 10, 64)
		hash, err2 := hex.DecodeString(mark)
		if err1 != nil || err2 != nil || len(hash) != len(store.Hash{}) {
			continue
		}
		all = append(all, store.Erasure{Mark: store.Hash(hash), At: time.Unix(seconds, 0).UTC()})
	}
	return all, lines.Err()
}
