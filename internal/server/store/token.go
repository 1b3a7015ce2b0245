package store

import "time"

// MaxDevices and MaxTokens bound what one account may hold: devices ever made, and live tokens.
const (
	MaxDevices = 32
	MaxTokens  = 32
)

// MaxDeviceName is the longest name of a device, in characters.
const MaxDeviceName = 64

// ScopeAccount is the scope of a token that may do what its owner may. AccountLife is how long it lives at most.
const (
	ScopeAccount = "account"
	AccountLife  = 10 * time.Minute
)

// NewToken is a token about to be stored. Its secret was made above and stays there.
type NewToken struct {
	Secret  Hash
	ID      string // a UUID
	Hint    string // the secret's last four characters
	Scope   string
	At      time.Time
	Expires time.Time // zero: never
}

// Token is what is known of a token.
type Token struct {
	ID        string
	Hint      string
	Scope     string
	Device    int64
	Name      string // of the device
	CreatedAt time.Time
	UsedOn    string    // YYYY-MM-DD of the last use; empty: never
	ExpiresAt time.Time // zero: never
}

// Device is a machine of an account.
type Device struct {
	ID        int64
	Name      string
	OS        string // as it said itself; empty: not known
	Client    string // version of the program it last spoke with; empty: not known
	CreatedAt time.Time
	SyncedAt  time.Time // zero: never
	LastSeq   int64
	Tokens    int64 // what it has on the server, held days included
	Revoked   bool  // it has no live token
}
