package store

import (
	"crypto/sha256"
	"regexp"
	"slices"
	"time"
)

// Hash is the SHA-256 of a secret. Secrets themselves are never stored.
type Hash [sha256.Size]byte

// HashOf returns the hash of a secret.
func HashOf(secret string) Hash { return sha256.Sum256([]byte(secret)) }

// Actor is somebody who proved who they are, by a token or by a session. The zero Actor is a stranger.
type Actor struct {
	User       int64
	Handle     string
	Visibility Visibility
	Key        Hash      // of the secret that proved it
	Device     int64     // of the token; 0 for a session
	DeviceName string    // of the token
	TokenID    string    // empty for a session
	Scope      string    // of the token
	Session    string    // id of the session; empty for a token
	Since      time.Time // when the session was opened; zero for a token
	Recalled   bool      // as the store remembers it; see Tokens.Sender
}

// User is an account.
type User struct {
	ID         int64
	Handle     string
	Name       string // shown on the profile; empty: none
	Visibility Visibility
	Hidden     Hidden
	Suspended  bool
	CreatedAt  time.Time
}

// Visibility says who may see an account. It is private until its owner says otherwise.
type Visibility int

// The visibilities.
const (
	Private   Visibility = iota // the owner alone
	Aggregate                   // counted in sums of enough people, never by name
	Public                      // a line on the board and a profile
)

// Hidden is what a public account keeps back, as a set of flags.
type Hidden uint8

// What can be kept back.
const (
	HideCost    Hidden = 1 << iota // every amount of money
	HideModels                     // names and families of models
	HideSources                    // names of tools
	HideDays                       // exact days: weeks take their place
)

// Has reports whether h keeps back what of is.
func (h Hidden) Has(of Hidden) bool { return h&of != 0 }

// hiddenNames are the flags' names on the wire, in their order.
var hiddenNames = [...]string{"cost", "models", "sources", "days"}

// Names lists what h keeps back.
func (h Hidden) Names() []string {
	names := []string{}
	for i, n := range hiddenNames {
		if h.Has(1 << i) {
			names = append(names, n)
		}
	}
	return names
}

// ParseHidden returns the set of those names; false if one is unknown.
func ParseHidden(names []string) (Hidden, bool) {
	var h Hidden
	for _, n := range names {
		i := slices.Index(hiddenNames[:], n)
		if i < 0 {
			return 0, false
		}
		h |= 1 << i
	}
	return h, true
}

var visibilities = [...]string{"private", "aggregate", "public"}

// String returns the visibility's name on the wire.
func (v Visibility) String() string {
	if v < 0 || int(v) >= len(visibilities) {
		return "private"
	}
	return visibilities[v]
}

// ParseVisibility returns the visibility of that name.
func ParseVisibility(s string) (Visibility, bool) {
	for i, name := range visibilities {
		if name == s {
			return Visibility(i), true
		}
	}
	return Private, false
}

var handlePattern = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,37}[a-z0-9])?$`)

// ValidHandle reports whether s can name an account: 1 to 39 of a-z, 0-9 and inner dashes.
func ValidHandle(s string) bool { return handlePattern.MatchString(s) }

// MaxName is the longest name that a profile shows, in characters.
const MaxName = 40

// A handle can be changed once in HandleWait, and is nobody else's for HandleHold after that.
const (
	HandleWait = 30 * 24 * time.Hour
	HandleHold = 90 * 24 * time.Hour
)

// Invite is a one-time link that waits to be opened.
type Invite struct {
	User      User
	New       bool // the account has never been signed in to
	ExpiresAt time.Time
}
