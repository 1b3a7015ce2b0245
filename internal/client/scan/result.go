package scan

import (
	"time"

	"tokenflex.ing/internal/usage"
)

// Result is what one reading of the machine found.
type Result struct {
	Cells    []usage.Cell // of kept records, de-duplicated
	Sources  []State      // one for every known source, in the registry's order
	Warnings []Warning    // each said once, with a count
	Files    int
	Bytes    int64
	Records  int64   // kept
	Kept     bool    // the ledger holds all of it
	Traces   []Trace // of the sources that tell anything of the traced times
}

// Status is the bucket a source is in.
type Status string

const (
	// Measured sources left counters that were counted.
	Measured Status = "measured"
	// Detected sources are installed, but nothing of them was counted; Reason says why.
	Detected Status = "detected"
	// NotFound sources left nothing where they are looked for.
	NotFound Status = "not_found"
)

// State is what was found of one source.
type State struct {
	ID, Name         string
	Status           Status
	Reason           string   // why a detected source is not counted
	Hint             string   // the command that helps, if any
	Quality          string   // exact, coarse or session-total; empty unless it can be measured
	Roots            []string // folders that exist, absolute
	Looked           []string // folders it was looked for in, absolute
	Files            int      // files that can hold usage
	Bytes            int64
	Records          int64 // kept
	Dropped          int64 // duplicates and copies
	Skipped          int64 // lines or documents that could not be read
	TotalTokens      int64
	First, Last      time.Time // of the kept records, UTC; zero if none
	DeletesAfterDays int       // the tool deletes its history after that many days; 0: keeps it, or unknown
	SaidIn           string    // the file of settings that says so; empty: it is the tool's default
	Managed          bool      // that file is not the user's own
	Overdue          int       // files that are older than that, which the tool deletes when it is started
	Trimmed          string    // what the tool deletes whatever is set, as a sentence
	Own              []string  // of the roots the tool's own folders, where its user has settings
}

// Warning is one oddity, said once per command.
type Warning struct {
	Code    string // "unreadable-files", "nothing-counted", "skipped-lines", ...
	Source  string
	Message string   // one line, no full stop
	Details []string // up to a few culprits, with ~ for the home
	Hint    string   // the command that helps
	Partial bool     // something could not be read, so the answer misses it: exit 5
}

// Progress is called now and then while a scan runs. Total is what has been discovered, in bytes.
type Progress func(done, total int64, files int)
