package report

import (
	"slices"
	"time"
)

// Status is the bucket that a source is in.
type Status string

// The buckets.
const (
	Measured Status = "measured"  // counted
	Detected Status = "detected"  // installed, but not counted; Reason says why
	NotFound Status = "not_found" // nothing where it is looked for
)

// SourceState is what was found of one AI coding tool.
type SourceState struct {
	ID, Name         string
	Status           Status
	Reason           string
	Hint             string   // the command that helps, if any
	Quality          string   // exact, coarse or session-total
	Roots            []string // folders that exist
	Looked           []string // folders it was looked for in
	Files            int
	Bytes            int64
	Records          int64
	TotalTokens      int64
	First, Last      time.Time // of its records, UTC; zero if none
	DeletesAfterDays int       // 0: keeps its history, or not known
}

// Sources is the report on the tools themselves.
type Sources struct {
	List     []SourceState // every known tool
	Now      time.Time
	Zone     *time.Location
	Home     string // paths below it are shown with ~
	All      bool   // name every tool that was not found, and the folders looked in
	Expiring []Expiring
	SignedIn bool
}

// In returns the tools of one bucket: measured ones by records, the most first; the others by id.
func (s Sources) In(status Status) []SourceState {
	var in []SourceState
	for _, t := range s.List {
		if t.Status == status {
			in = append(in, t)
		}
	}
	slices.SortFunc(in, func(a, b SourceState) int { return mostThenName(a.Records, b.Records, a.ID, b.ID) })
	return in
}
