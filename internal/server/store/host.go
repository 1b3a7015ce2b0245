package store

import (
	"context"
	"time"
)

// Hosting is what only whoever runs the server may do.
type Hosting interface {
	// Suspend stops an account, or lets it go on: while stopped it is on no page, may send nothing, and its sessions are gone.
	Suspend(ctx context.Context, user int64, stop bool, at time.Time) error
	// HoldCell makes one day of one source wait until ReleaseHold, whatever the judge says; ErrNotFound if nothing is there.
	HoldCell(ctx context.Context, user int64, day, source string, at time.Time) error
	// Acts lists the last acts of the audit, newest first; of one account unless user is 0.
	Acts(ctx context.Context, user int64, limit int) ([]Act, error)
}

// HeldByHost is the reason of a hold that the host made. Only the host lifts it.
const HeldByHost = "host"

// Act is one line of the audit.
type Act struct {
	At     time.Time
	User   int64 // 0: of nobody
	Action string
	Detail string
}
