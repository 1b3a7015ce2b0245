package usage

import "time"

// Record is one model response found on disk, or a session's sum of them. It never leaves the machine.
type Record struct {
	ID               string // de-duplication key; empty if the tool has none
	Source, Model    string // Model as the tool recorded it, trimmed; aliases belong to pricing
	Session, Project string // for local reports only
	Time             time.Time
	Tier             Tier
	Tokens           Tokens
	// Sum says that the tool recorded no more than what a whole session adds up to. How many responses that were, and how long
	// their prompts, is not known, so it counts no request and lies in no long-prompt band.
	Sum bool
}
