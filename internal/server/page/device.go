package page

import "time"

// CodeError says why a code was not taken.
type CodeError string

// The errors of a code.
const (
	CodeFine    CodeError = ""
	CodeUnknown CodeError = "unknown" // mistyped, expired, used or never given out: one answer for all
	CodeExpired CodeError = "expired" // was compared in time but decided too late
	CodeLocked  CodeError = "locked"  // too many wrong codes
)

// DeviceCode asks for the code that a terminal shows.
type DeviceCode struct {
	Code  string // what to put into the field
	Error CodeError
	Tries int           // left before a pause; 0: not said
	Wait  time.Duration // until the next try, for CodeLocked
}

// DeviceCompare asks to compare the code with the terminal, says who is asking, and asks for a decision.
type DeviceCompare struct {
	Code        string // XXXX-XXXX
	Device      string // its name
	System      string // linux, darwin, windows; empty: not said
	Client      string // version of tokenflexing; empty: not said
	Asked       time.Time
	Expires     time.Time
	Account     bool // it asks to do whatever the reader may, for ten minutes
	Reads       bool // it asks to read what is the reader's alone
	SameNetwork bool // asked from the network that the reader is on
}

// DeviceDone says that the device is connected.
type DeviceDone struct {
	Code       string // that was approved; empty: it cannot be taken back here
	Device     string
	Visibility Visibility
}

// DeviceDenied says that the device was turned away.
type DeviceDenied struct{ Device string }
