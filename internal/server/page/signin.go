package page

import "time"

// SignIn says how to sign in. A page that needs an account shows it instead of itself.
type SignIn struct {
	Code    string // a device's code that brought the reader here, to be typed again afterwards; empty: none
	Again   string // handle of the reader, who must prove it anew before they go on; empty: they are not signed in
	Ways    []Way
	User    string      // whom the proxy in front says the reader is; empty: it says nothing
	Passkey *PasskeyAsk // nil: passkeys are off
	Next    string      // path to go on to; empty: none
}

// Way is somebody elsewhere who may know the reader.
type Way struct{ ID, Name string }

// PasskeyAsk is what script asks an authenticator.
type PasskeyAsk struct {
	Options string // JSON of WebAuthn
	Flow    string // to be posted back with the answer
}

// SignInLink asks whether to sign in by a one-time link. Its button posts to the address it was opened at.
type SignInLink struct {
	Handle  string
	New     bool // the account has never been signed in to
	Expires time.Time
}

// SignInSpent says that a one-time link is used, expired or mistyped: one answer for all.
type SignInSpent struct{}

// RefusedReason says why somebody who came back from a provider is not let in.
type RefusedReason string

// The reasons.
const (
	RefusedDeclined   RefusedReason = "declined"   // they did not agree there
	RefusedUnlisted   RefusedReason = "unlisted"   // no list names them
	RefusedUnverified RefusedReason = "unverified" // their mail address is not verified there
	RefusedUnproven   RefusedReason = "unproven"   // it did not begin here, took too long, or came twice: one answer for all
	RefusedSilent     RefusedReason = "silent"     // the provider does not answer
	RefusedClosed     RefusedReason = "closed"     // there are no accounts for newcomers
	RefusedSuspended  RefusedReason = "suspended"
)

// SignInRefused says that nobody was signed in.
type SignInRefused struct {
	Provider string // its name
	Reason   RefusedReason
}

// HandleError says why a handle was not taken.
type HandleError string

// The errors of a handle.
const (
	HandleFine    HandleError = ""
	HandleInvalid HandleError = "invalid"
	HandleTaken   HandleError = "taken" // somebody has it, had it a short while ago, or nobody may: one answer for all
)

// NewAccount asks somebody who came by a provider for a handle.
type NewAccount struct {
	Provider string // its name
	Handle   string // what to put into the field
	Error    HandleError
}

// SignedOut says that the session is over.
type SignedOut struct{}
