package lockfile

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"
)

// ErrLocked means that another holds the lock.
var ErrLocked = errors.New("another process holds the lock")

// Try takes the lock that the file stands for, which is made with its folder, or returns ErrLocked. Two holders in one process
// exclude each other too.
func Try(name string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lock(f); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}

// every is how often Wait looks again.
const every = 5 * time.Millisecond

// Wait takes the lock as soon as it is free. It gives up when ctx ends, with ErrLocked.
func Wait(ctx context.Context, name string) (unlock func(), err error) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if unlock, err = Try(name); !errors.Is(err, ErrLocked) {
			return unlock, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-tick.C:
		}
	}
}
