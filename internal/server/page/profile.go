package page

import (
	"time"

	"tokenflex.ing/internal/usage"
)

// Profile is one person's page.
type Profile struct {
	Handle     string
	Name       string      // shown below the handle; empty: none
	Owner      bool        // the reader is this person
	Visibility Visibility  // shown to the owner alone
	Hidden     Hidden      // what strangers do not see; the owner sees everything
	Standing   *Standing   // nil: on no board
	Total      Sum         // of all time, held days excluded: the same numbers as the API's
	FirstDay   time.Time   // with usage; zero: there is none
	ActiveDays int         // of all time
	Streak     int         // days in a row up to today or yesterday
	BestStreak int         // days
	Year       int         // the year that is drawn
	Years      []int       // with usage, the latest last
	Days       []usage.Day // of Year, held ones excluded, in any order
	Held       []HeldDay   // for the owner alone
	Device     string      // a device that is connected, for an owner without usage; empty: none is
}

// Standing is a place on a board.
type Standing struct {
	Rank   int64
	Tied   bool
	Of     int64 // people on the board
	Before int64 // as in Line
	Period Period
	Tokens int64
}

// HeldDay is a day of one tool that waits for review, or several that do for the same reason: stored, shown to its owner, counted
// nowhere.
type HeldDay struct {
	Day    time.Time
	Last   time.Time // of several
	Days   int       // if they are several
	Source string
	Reason string // one sentence part without a full stop: over the day line of the tool
	Line   int64  // that was passed, in tokens; 0: not a line of tokens
	Tokens int64  // reported
}
