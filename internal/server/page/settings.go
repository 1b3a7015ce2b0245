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
	Done       string // what was just done, as a sentence; empty: nothing
	Wrong      string // why something was not done, as a sentence; empty: nothing
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
