package store

import (
	"context"
	"encoding/json"
	"time"
)

// Erasure is all that is left of an account that was erased: a hash that only the database's own key can make of it.
type Erasure struct {
	Mark Hash
	At   time.Time
}

// Privacy is what people may do with everything that is theirs.
type Privacy interface {
	// Export gives every row of every table that is the actor's to emit, table by table, all of one moment. Hashes of secrets
	// are left out. A row is a JSON object.
	Export(ctx context.Context, who Actor, emit func(table string, row json.RawMessage) error) error
	// Erase takes the account out of every table in one transaction. Its sessions and tokens end with it, its handle stays
	// blocked for HandleHold as a hash, and what the audit has of it keeps a keyed hash instead. It is ErrNotFound unless
	// the handle is the actor's.
	Erase(ctx context.Context, who Actor, handle string, at time.Time) error
	// Erasures lists what was erased, for a journal that is kept apart from the database's backups.
	Erasures(ctx context.Context) ([]Erasure, error)
	// ReplayErasures erases again who was erased after the backup that the database was restored from, and returns how
	// many were. It is the host's.
	ReplayErasures(ctx context.Context, journal []Erasure) (int, error)
	// Sweep removes what has ended: links, sessions and held handles at once, grants after a day, tokens after 90 days.
	// With unused, it also erases accounts that nobody has used since, some at a time, and returns how many.
	Sweep(ctx context.Context, at, unused time.Time) (int, error)
}

// SweepAtOnce is how many unused accounts one Sweep erases.
const SweepAtOnce = 50
