package lockfile

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"
)

func TestOneHoldsALock(t *testing.T) {
	name := filepath.Join(t.TempDir(), "new", "lock")
	unlock, err := Try(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Try(name); !errors.Is(err, ErrLocked) {
		t.Fatal("two hold it:", err)
	}
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := Wait(short, name); !errors.Is(err, ErrLocked) {
		t.Fatal(err)
	}
	taken := make(chan error)
	go func() {
		again, err := Wait(t.Context(), name)
		if err == nil {
			again()
		}
		taken <- err
	}()
	unlock()
	if err := <-taken; err != nil {
		t.Fatal(err)
	}
}
