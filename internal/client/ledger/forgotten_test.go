package ledger

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A file that somebody is putting in its place beside the ledger is not removed by whoever writes the ledger meanwhile; what one that was stopped
// left is. Fails where both have names of one kind.
func TestWhatIsBeingPutInPlaceIsLeftThere(t *testing.T) {
	dir := t.TempDir()
	young, old := filepath.Join(dir, putPrefix+"1"), filepath.Join(dir, putPrefix+"2")
	for _, name := range []string{young, old} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(old, time.Time{}, time.Now().Add(-2*putFor)); err != nil {
		t.Fatal(err)
	}
	saved(t, dir, 1)
	if _, err := os.Stat(young); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Error("what was left is still there:", err)
	}
	var moved *os.LinkError
	if err := writeWhole(t.TempDir(), nil); !errors.As(err, &moved) || !strings.HasPrefix(filepath.Base(moved.Old), putPrefix) {
		t.Errorf("it is written as something else: %v", err)
	}
}
