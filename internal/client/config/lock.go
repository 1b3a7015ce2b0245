package config

import (
	"context"
	"fmt"
	"time"

	"tokenflex.ing/internal/client/lockfile"
)

// lockWithin is how long another process may hold a file of the client's own that is read, changed and written again.
const lockWithin = 5 * time.Second

func lockBriefly(name string) (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(context.Background(), lockWithin)
	defer cancel()
	if unlock, err = lockfile.Wait(ctx, name); err != nil {
		return nil, fmt.Errorf("lock %s: %w", name, err)
	}
	return unlock, nil
}
