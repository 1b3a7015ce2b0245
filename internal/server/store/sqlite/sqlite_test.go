package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/storetest"
)

var template = storetest.Template(func(file string) error {
	s, err := Open(context.Background(), file, noon)
	if err != nil {
		return err
	}
	return s.Close()
})

func openTest(t *testing.T) *Store {
	t.Helper()
	file := filepath.Join(t.TempDir(), "state", "tokenflexd.db")
	template(t, file)
	s, err := Open(t.Context(), file, noon)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return openTest(t) })
}

func TestFilesAreTheirOwnersAlone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state", "tokenflexd.db")
	s, err := Open(t.Context(), file, noon)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.AddUser(t.Context(), "mira", storetest.Noon); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{filepath.Dir(file): 0o700, file: 0o600, file + "-wal": 0o600, file + "-shm": 0o600} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", filepath.Base(name), got, want)
		}
	}
}

// While somebody keeps the database, a write gives up in time and says so; reads go on.
func TestBusy(t *testing.T) {
	s := openTest(t)
	if _, err := s.AddUser(t.Context(), "mira", storetest.Noon); err != nil {
		t.Fatal(err)
	}
	s.patience = time.Millisecond
	conn, err := s.writer.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddUser(t.Context(), "adam", storetest.Noon); !errors.Is(err, store.ErrBusy) {
		t.Errorf("error %v", err)
	}
	if _, err := s.UserByHandle(t.Context(), "mira"); err != nil {
		t.Error(err)
	}
	s.patience = time.Minute
	short := store.WithPatience(t.Context(), time.Millisecond)
	for range 2 { // the second does not wait anew
		if _, err := s.AddUser(short, "adam", storetest.Noon); !errors.Is(err, store.ErrBusy) {
			t.Errorf("error %v", err)
		}
	}
	if left := store.Patience(short, time.Minute); left >= time.Second {
		t.Errorf("%v of patience are left", left)
	}
	conn.Close()
	if _, err := s.AddUser(t.Context(), "adam", storetest.Noon); err != nil {
		t.Error(err)
	}
}

func noon() time.Time { return storetest.Noon }
