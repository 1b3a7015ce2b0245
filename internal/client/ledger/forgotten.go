package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"tokenflex.ing/internal/client/lockfile"
)

// Forgotten is usage that is not to be counted again, whatever the tools' files say.
type Forgotten struct {
	Source string    `json:"source"` // empty: of all sources
	From   time.Time `json:"from"`   // zero: from the beginning
	Until  time.Time `json:"until"`  // the first moment after it
}

// Has reports whether a moment of a source is forgotten.
func (f Forgotten) Has(source string, at time.Time) bool {
	return (f.Source == "" || f.Source == source) && !at.Before(f.From) && at.Before(f.Until)
}

func forgottenFile(dir string) string { return filepath.Join(dir, "forgotten.json") }

// ReadForgotten returns what was forgotten in the ledger in dir.
func ReadForgotten(dir string) ([]Forgotten, error) {
	if dir == "" {
		return nil, nil
	}
	b, err := os.ReadFile(forgottenFile(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Forgotten
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, fmt.Errorf("%s: %w", forgottenFile(dir), err)
	}
	return all, nil
}

// Forget adds to what is forgotten.
func Forget(ctx context.Context, dir string, what Forgotten) error {
	unlock, err := lockfile.Wait(ctx, filepath.Join(dir, "lock"))
	if err != nil {
		return err
	}
	defer unlock()
	all, err := ReadForgotten(dir)
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(append(all, what), "", "  ")
	if err != nil {
		return err
	}
	return writeWhole(forgottenFile(dir), append(b, '\n'))
}

// writeWhole puts a file in the place of another in one step. It needs no lock.
func writeWhole(name string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), putPrefix+"*") // made 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when the rename worked
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
