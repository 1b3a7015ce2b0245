package usage

import "time"

// Record is one model response found on disk. It never leaves the machine.
type Record struct {
	ID               string // de-duplication key; empty if the tool has none
	Source, Model    string // Model as the tool recorded it, trimmed; aliases belong to pricing
	Session, Project string // for local reports only
	Time             time.Time
	Tier             Tier
	Tokens           Tokens
}
