package page

import "time"

// Settings is the reader's own place. Its forms post to PathVisibility, PathDevices, PathTokens and PathSignOut.
type Settings struct {
	Visibility Visibility
	Hidden     *Hidden   // what is kept back when public; nil: this server has no such switches
	Standing   *Standing // as it is, or would be, in public this month; nil: no usage this month
	Month      Sum       // the reader's, this month
	Model      string    // of Month, that most tokens went to
	Models     []string  // of Month, most tokens first
	Sources    []string  // of Month, most tokens first
	Held       []HeldDay
	Devices    []Device
	Tokens     []Token
	Name       string     // shown on the profile; empty: none
	Identities []Identity // that open the account
	Passkeys   []Passkey
	Offers     []Way       // that could be added
	Ticket     string      // that lets the reader add one of them
	NewPasskey *PasskeyAsk // nil: passkeys are off, or the session is not fresh
	CanPasskey bool        // passkeys are on
	Sessions   []Session   // live ones, this one among them
	Fresh      bool        // the reader has just signed in, and may change how they do
	Done       string      // what was just done, as a sentence; empty: nothing
	Wrong      string      // why something was not done, as a sentence; empty: nothing
}

// Device is a machine of the account.
type Device struct {
	ID       int64
	Name     string
	System   string    // empty: not known
	Client   string    // version of tokenflexing that it last spoke with; empty: not known
	SyncedAt time.Time // zero: never
	Tokens   int64     // what it has on the server
	Revoked  bool      // it can send no more; what it has sent still counts
}

// Token is what is known of a token: never the token.
type Token struct {
	ID        string
	Device    string
	Hint      string // its last four characters
	CreatedOn time.Time
	UsedOn    time.Time // day of the last use; zero: never
	Expires   time.Time // zero: never
}

// Identity is somebody elsewhere who opens the account.
type Identity struct {
	ID        string
	Name      string // of the provider
	Off       bool   // the provider is no longer on here
	CreatedOn time.Time
	UsedOn    time.Time // day of the last use; zero: never
}

// Passkey is a passkey of the account.
type Passkey struct {
	ID, Name  string
	CreatedOn time.Time
	UsedOn    time.Time // day of the last use; zero: never
}

// Session is a browser that is signed in.
type Session struct {
	ID      string
	Agent   string // "Firefox on Linux"; empty: not known
	Way     string // how it signed in: a provider's name, a link, a passkey
	At      time.Time
	SeenAt  time.Time // to the hour
	Current bool      // the reader's
}

// TokenMade shows a new token, this once.
type TokenMade struct {
	Token   string
	Device  string
	Scope   string
	Expires time.Time // zero: never
}
