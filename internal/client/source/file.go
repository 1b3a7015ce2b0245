package source

import (
	"iter"
	"time"
)

// File is one file of a tool, as its parser sees it.
type File interface {
	// Path is where the file lies below its root, with slashes. A suffix that only says how it is packed is cut off.
	Path() string
	// Origin names the root among all roots. It tells nothing of where that lies.
	Origin() string
	// Modified is when the file was last written: the last resort for a date.
	Modified() time.Time
	// Zone is where the machine's clock stands: what times without a zone mean that were written for people.
	Zone() *time.Location
	// Lines yields the lines of a file of lines without their ends; blank ones are left out. A line is valid until the next.
	Lines() iter.Seq[[]byte]
	// Bytes returns the whole file; nil, which has been counted, if it cannot be read or is too large.
	Bytes() []byte
	// Tables opens the file as a database. If it cannot be read as one, which has been counted, it has no tables.
	Tables() Tables
	// Beside yields the files below the same root that match the pattern, in whose last name alone "*" may stand for
	// anything. They are not counted as files of the tool. One that cannot be opened is left out, and counted.
	Beside(pattern string) iter.Seq[File]
	// Fault counts the line at hand, or the whole file if it has no lines, as not read. It may stay unsaid for a
	// last line that is still being written.
	Fault(Fault)
}

// Fault is why something that looked like usage was left out.
type Fault uint8

// The faults.
const (
	Malformed  Fault = iota // not JSON, or cut off
	Corrupt                 // a counter that no response can have
	Unnamed                 // tokens of no model
	Unfamiliar              // a database without the tables or columns that are known, or a file of a version that is not
	Lacking                 // a database without a column that is wanted, which is read without
	Faults                  // how many kinds there are
)

// MaxCount is the largest counter that is believed of one response, in tokens.
const MaxCount = 10_000_000_000
