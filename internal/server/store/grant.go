package store

import "time"

// Grant is a device that asks to be let in.
type Grant struct {
	DeviceCode Hash // SHA-256
	UserCode   Hash // HMAC-SHA-256: few enough codes exist to be searched
	Name       string
	OS, Client string
	Scope      string
	Address    string // a pseudonym of where it came from, for limits
	Network    string // a pseudonym of the network around it, for limits and to tell whether the reader is on it too
	At         time.Time
	Expires    time.Time
	Interval   time.Duration // between polls
}

// GrantLimit bounds the live grants that one address and one network may have.
type GrantLimit struct{ Address, Network int }

// GrantState is what a poll finds.
type GrantState int

// The answers to a poll.
const (
	GrantUnknown GrantState = iota // never given out, or already used
	GrantPending
	GrantTooSoon // polled before the interval was over; it is now SlowDown longer, for good
	GrantDenied
	GrantExpired
	GrantMinted // approved: the token is stored and the grant used up
)

// SlowDown is what a device that polls too soon must wait longer (RFC 8628 section 3.5).
const SlowDown = 5 * time.Second

// Poll answers a device.
type Poll struct {
	State  GrantState
	Token  Token  // for GrantMinted
	Handle string // of the account, for GrantMinted
}
