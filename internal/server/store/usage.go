package store

import (
	"fmt"
	"time"

	"tokenflex.ing/internal/usage"
)

// Upload is one accepted request of a device: the state of days, already priced.
type Upload struct {
	SyncID  string
	Seq     int64
	Body    Hash // of the request, to know it again
	Replace bool // the upload is the whole truth for every (source, day) it names; otherwise a row only ever grows
	Client  string
	OS      string
	Days    []usage.Day
	Gone    []Cell         // cells of which the device has nothing any more
	Parsers map[string]int // revision by source
	Book    string         // of the prices in Days
	// Families are the families of the models in Days, by model; a model that is missing belongs to "other".
	Families map[string]string
	At       time.Time
	// Charges count first, all of them or, with *ErrLimited, none, and whatever becomes of the upload after that.
	Charges  []Charge
	Judge    Judge
	Print    Print           // nil: histories are not compared
	Sketches map[Cell]Sketch // of cells that the upload names
}

// Print returns what tells the rows that a device has in one cell from others, and zero for nothing worth comparing. It takes
// a key to make or to read: to whoever sees it alone it says nothing.
type Print func([]usage.Day) Hash

// Cells are the cells that the upload names.
func (u Upload) Cells() map[Cell]bool {
	cells := make(map[Cell]bool)
	for _, d := range u.Days {
		cells[Cell{d.Date, d.Source}] = true
	}
	for _, c := range u.Gone {
		cells[c] = true
	}
	return cells
}

// Span returns the first and the last day that the upload names, empty if it names none.
func (u *Upload) Span() (from, to string) {
	name := func(day string) {
		if from == "" || day < from {
			from = day
		}
		to = max(to, day)
	}
	for i := range u.Days {
		name(u.Days[i].Date)
	}
	for _, c := range u.Gone {
		name(c.Day)
	}
	return from, to
}

// Receipt says what became of an upload.
type Receipt struct {
	SyncID    string
	Written   int
	Unchanged int
	Held      []Hold // of the days in the upload
	Unpriced  []string
	Today     Figures // held days left out
	Total     Figures // of all devices, held days left out
	Device    Figures // of this device, held days included
	Month     int64   // tokens of the month that it came in, held days left out; 0 unless the account is public
	Replayed  bool    `json:"-"` // the upload came before; this is the answer it got
}

// ErrStale refuses an upload that is older than the device's last.
type ErrStale struct{ Last int64 }

func (e *ErrStale) Error() string { return fmt.Sprintf("stale upload: the last was %d", e.Last) }

// Judge decides which cells wait for review, seeing the account as it would be after the upload.
// An error refuses the upload.
type Judge func(Review) ([]Hold, error)

// Review is what a judge sees: whole days of one account, all devices, held days included.
type Review struct {
	From, To string     // the days to judge
	Rows     []Row      // of those days
	Before   []DayTotal // of the days before From that rolling lines reach back to
	Stored   int64      // rows of the account
	Devices  []int64    // of the account that have rows, the first made first
	Past     Past
	Shared   []Cell // of those days, that are the same as somebody else's who sent them first, as MinShared days are
}

// Past is what an account sent of days that were over: more than PastAfter days after them.
type Past struct {
	Days   int64
	Tokens int64
}

// PastAfter is how many days after its day a cell was still told of in time.
const PastAfter = 2

// Cell is one day of one source.
type Cell struct{ Day, Source string }

// RollingDays is the length of the rolling line that a judge may draw.
const RollingDays = 30

// Row is one stored row.
type Row struct {
	Device int64
	Parser int       // revision of the client's parser
	First  time.Time // when the device first told of the row's cell
	usage.Day
}

// DayTotal is all that an account reported for one date.
type DayTotal struct {
	Day    string
	Tokens int64
}

// Hold is a cell, one day of one source over all devices and models, that waits for review: stored, shown to its owner,
// counted nowhere.
type Hold struct {
	Day, Source string
	Reason      string // a code
	Line        int64  // that was passed
	Value       int64  // that passed it
	Tokens      int64  // of the cell, when it is listed
	// Of a copy: the names of its device and of the one on which it counts, and the percent that the two share; 0: all, as prints tell.
	Device, Original string
	Share            int
}

// Figures are a sum of days.
type Figures struct {
	Requests   int64
	Tokens     usage.Tokens
	Cost       usage.Money
	Unpriced   int64 // tokens without a price
	ActiveDays int
	First      string // first day; empty without any
}
