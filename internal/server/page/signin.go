package page

import "time"

// SignIn says how to sign in. A page that needs an account shows it instead of itself.
type SignIn struct {
	Code string // a device's code that brought the reader here, to be typed again afterwards; empty: none
}

// SignInLink asks whether to sign in by a one-time link. Its button posts to the address it was opened at.
type SignInLink struct {
	Handle  string
	New     bool // the account has never been signed in to
	Expires time.Time
}

// SignInSpent says that a one-time link is used, expired or mistyped: one answer for all.
type SignInSpent struct{}

// SignedOut says that the session is over.
type SignedOut struct{}
