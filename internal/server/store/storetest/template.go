package storetest

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Template returns what puts a copy of a database at a file. The database is made by create, once for all copies: running
// every migration for each test would take longer than most tests do.
func Template(create func(file string) error) func(t testing.TB, file string) {
	made := sync.OnceValues(func() ([]byte, error) {
		dir, err := os.MkdirTemp("", "template-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		file := filepath.Join(dir, "tokenflexd.db")
		if err := create(file); err != nil {
			return nil, err
		}
		return os.ReadFile(file)
	})
	return func(t testing.TB, file string) {
		t.Helper()
		whole, err := made()
		if err == nil {
			err = os.MkdirAll(filepath.Dir(file), 0o700)
		}
		if err == nil {
			err = os.WriteFile(file, whole, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
