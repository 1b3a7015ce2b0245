package report

import "time"

// Options say which report is wanted and of what.
type Options struct {
	Kind  Kind
	By    []Field        // further labels, see ParseBy
	Zone  *time.Location // days, weeks and hours are of this zone
	Since string         // first day, YYYY-MM-DD in Zone; "" is open
	Until string         // last day, itself included; "" is open
	// Sources, Models and Projects keep what is named and drop what is named with a "!" before it, see ParseFilter.
	Sources, Models, Projects []string
	Now                       time.Time
	Sort                      Sort // the zero value is the report's own order
	Limit                     int  // at most so many rows; 0 is all
	Plans                     []Plan
}

// Error is something wrong with what was asked for. Hint shows a good form.
type Error struct{ What, Hint string }

func (e *Error) Error() string { return e.What }
