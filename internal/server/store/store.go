package store

import (
	"context"
	"errors"
	"time"

	"tokenflex.ing/internal/usage"
)

// Store is everything the server keeps. It is safe for concurrent use.
type Store interface {
	Accounts
	SignIns
	Ways
	Tokens
	Devices
	Grants
	Days
	Boards
	Hosting
	Quotas
	Housekeeping
	Privacy

	// Secret returns the server's key of that name, 32 random bytes made on first use.
	Secret(ctx context.Context, name string) ([]byte, error)
	// Site returns the origin that the server last used, or ErrNotFound, so that the host's own commands can print links.
	Site(ctx context.Context) (string, error)
	SetSite(ctx context.Context, origin string) error
	// Ready reports whether the store answers, its schema is this binary's, and there is room on its disk as far as it knows.
	Ready(ctx context.Context) error
	// Version returns the number of the schema's last migration.
	Version(ctx context.Context) (int64, error)
	// Pools returns how busy the connections are, for those who watch the server.
	Pools() []Pool
	Close() error
}

// The errors that callers act on.
var (
	ErrNotFound  = errors.New("not found")
	ErrTaken     = errors.New("already taken")
	ErrSpent     = errors.New("used or expired")
	ErrTooMany   = errors.New("too many")
	ErrTooSoon   = errors.New("too soon")
	ErrLast      = errors.New("the last one")
	ErrSuspended = errors.New("account suspended")
	ErrBusy      = errors.New("database busy")
	ErrFull      = errors.New("no room left to store anything")
)

// Accounts are the people.
type Accounts interface {
	// AddUser makes a private account. It returns ErrTaken if somebody has the handle, or gave it up less than HandleHold ago.
	AddUser(ctx context.Context, handle string, at time.Time) (User, error)
	// UserByHandle returns any account, whatever its visibility: it is for the host's own commands.
	UserByHandle(ctx context.Context, handle string) (User, error)
	// OwnUser returns the actor's account.
	OwnUser(ctx context.Context, who Actor) (User, error)
	// Users lists every account by handle, for the host's own commands.
	Users(ctx context.Context) ([]User, error)
	// SetVisibility takes effect on the next read.
	SetVisibility(ctx context.Context, who Actor, v Visibility) error
	// Rename gives the account another handle and holds the old one for HandleHold, in which only the account may take it
	// back. It returns ErrTaken, or ErrTooSoon within HandleWait of the last time.
	Rename(ctx context.Context, who Actor, handle string, at time.Time) error
	// SetName sets what the profile shows below the handle; empty: nothing.
	SetName(ctx context.Context, who Actor, name string) error
	// SetHidden says what a public account keeps back, from the next read on.
	SetHidden(ctx context.Context, who Actor, h Hidden) error
	HiddenOf(ctx context.Context, who Actor) (Hidden, error)
}

// SignIns are one-time links and the browser sessions that they open.
type SignIns interface {
	// AddInvite lets whoever knows the secret behind the hash sign in once as the user.
	AddInvite(ctx context.Context, user int64, secret Hash, at, expires time.Time) error
	// Invite returns whose link it is, without using it, or ErrSpent.
	Invite(ctx context.Context, secret Hash, at time.Time) (Invite, error)
	// SignIn uses the link and opens the session. Of any number of calls at once, one succeeds; the others get ErrSpent.
	SignIn(ctx context.Context, link Hash, s Session) (User, error)
	// SessionActor returns who is signed in, or ErrNotFound, and notes that the session lives.
	SessionActor(ctx context.Context, secret Hash, at time.Time) (Actor, error)
	// SignOut ends the actor's session.
	SignOut(ctx context.Context, who Actor) error
	// SessionsOf lists the actor's live sessions, the last used first.
	SessionsOf(ctx context.Context, who Actor, at time.Time) ([]OpenSession, error)
	// EndSession ends one of the actor's sessions; ending it twice is no error.
	EndSession(ctx context.Context, who Actor, id string, at time.Time) error
	// EndOtherSessions ends all of the actor's sessions but the one that asks.
	EndOtherSessions(ctx context.Context, who Actor, at time.Time) error
}

// Ways are how people sign in without a link: as somebody that an issuer knows, or by a passkey.
type Ways interface {
	// Spend uses a challenge up, of which none is taken after its time. Of any number of calls at once, one succeeds; the
	// others get ErrSpent.
	Spend(ctx context.Context, challenge Hash, until, at time.Time) error
	// SignInBy opens a session of the account that the identity is linked to. It returns ErrNotFound without one, and
	// ErrSuspended.
	SignInBy(ctx context.Context, identity Hash, s Session) (User, error)
	// SignUp makes a private account, links the identity to it and opens its session. It returns ErrTaken as AddUser does,
	// and ErrSpent if the identity has an account by now.
	SignUp(ctx context.Context, handle string, i Identity, s Session) (User, error)
	// LinkIdentity lets the identity open the actor's account too. It returns ErrTaken if it opens another, and ErrTooMany.
	LinkIdentity(ctx context.Context, who Actor, i Identity, at time.Time) error
	// IdentitiesOf lists the actor's identities, without their keys, in the order they were linked.
	IdentitiesOf(ctx context.Context, who Actor) ([]Identity, error)
	// AddPasskey returns ErrTaken if the credential is there already, and ErrTooMany.
	AddPasskey(ctx context.Context, who Actor, p Passkey) error
	// PasskeysOf lists the actor's passkeys, without what checks them, in the order they were made.
	PasskeysOf(ctx context.Context, who Actor) ([]Passkey, error)
	// Passkey returns the passkey with that credential, whoever's it is, or ErrNotFound.
	Passkey(ctx context.Context, credential []byte) (Passkey, error)
	// SignInByPasskey opens a session of the account of the passkey, which has just answered a challenge with these flags
	// and this counter. It returns ErrSpent if the counter went back: then there is a copy of the authenticator; and ErrSuspended.
	SignInByPasskey(ctx context.Context, p Passkey, s Session) (User, error)
	// RemoveWay takes away the identity or passkey with that id. It returns ErrLast unless another one stays that can be
	// used: an identity of one of the issuers, or a passkey if those are on.
	RemoveWay(ctx context.Context, who Actor, id string, issuers []string, passkeys bool, at time.Time) error
}

// Tokens are the secrets of devices. Only their hashes are known here.
type Tokens interface {
	// AddToken gives the user's device a token. With an empty device name it makes a new device; otherwise it takes
	// the device of that name, or makes it.
	AddToken(ctx context.Context, user int64, device string, t NewToken) (Token, error)
	// MintToken is AddToken for the actor, whose session is younger than Fresh, or whose token has the scope account; for
	// others it returns ErrNotFound.
	MintToken(ctx context.Context, who Actor, device string, t NewToken) (Token, error)
	// TokenActor returns whom a live token speaks for, or ErrNotFound, and notes the day it was used.
	TokenActor(ctx context.Context, secret Hash, at time.Time) (Actor, error)
	// Sender is TokenActor for an upload and nothing else: who sent with the same token before on that day may be as the store remembers
	// them, Recalled. PutDays finds out whether they still are.
	Sender(ctx context.Context, secret Hash, at time.Time) (Actor, error)
	// TokensOf lists the actor's live tokens, newest first.
	TokensOf(ctx context.Context, who Actor, at time.Time) ([]Token, error)
	// RevokeToken ends one of the actor's tokens; ending it twice is no error.
	RevokeToken(ctx context.Context, who Actor, id string, at time.Time) error
}

// Devices are the machines of an account.
type Devices interface {
	// DevicesOf lists the actor's devices in the order they were made.
	DevicesOf(ctx context.Context, who Actor) ([]Device, error)
	// RenameDevice returns ErrTaken if another device of the actor has the name.
	RenameDevice(ctx context.Context, who Actor, device int64, name string) error
	// RevokeDevice ends every token of the device; what it has sent stays.
	RevokeDevice(ctx context.Context, who Actor, device int64, at time.Time) error
}

// Grants are requests of devices to be let in (RFC 8628).
type Grants interface {
	// AddGrant returns ErrTooMany if the network has too many live ones.
	AddGrant(ctx context.Context, g Grant, limit GrantLimit) error
	// Grant returns the pending grant with that user code, or ErrNotFound.
	Grant(ctx context.Context, userCode Hash, at time.Time) (Grant, error)
	// DecideGrant approves or denies a pending grant for the actor, once; ErrNotFound if there is nothing to decide.
	DecideGrant(ctx context.Context, who Actor, userCode Hash, approve bool, at time.Time) error
	// DisownGrant takes back what the actor approved: the grant is denied, and the token that it gave is revoked.
	DisownGrant(ctx context.Context, who Actor, userCode Hash, at time.Time) error
	// PollGrant answers a device. An approved grant is used up by giving the device its token, exactly once. A token for the
	// account lives AccountLife at most.
	PollGrant(ctx context.Context, deviceCode Hash, t NewToken) (Poll, error)
}

// Days are the usage of accounts.
type Days interface {
	// PutDays stores an upload whole or not at all.
	PutDays(ctx context.Context, who Actor, up Upload) (Receipt, error)
	// DaysOf returns the days of a user between two dates, both included, summed over devices and sorted, held ones
	// left out. Other people's days are there only if their owner is public, and without what that owner hides: a hidden
	// model or source is "other", a hidden cost is not priced, and a hidden day is the Monday of its week.
	DaysOf(ctx context.Context, reader Actor, user int64, from, to string) ([]usage.Day, error)
	// SumOf returns all of the actor's days, held ones left out.
	SumOf(ctx context.Context, who Actor) (Figures, error)
	// DeviceSum returns what one of the actor's devices has sent, held ones included.
	DeviceSum(ctx context.Context, who Actor, device int64) (Figures, error)
	// DeviceDays returns the rows that one of the actor's devices has sent between two dates, both included, sorted and held
	// ones included.
	DeviceDays(ctx context.Context, who Actor, device int64, from, to string) ([]usage.Day, error)
	// HoldsOf lists the actor's days under review, oldest first.
	HoldsOf(ctx context.Context, who Actor) ([]Hold, error)
	// ReleaseHold lets a held cell count for good, by the host's decision.
	ReleaseHold(ctx context.Context, user int64, day, source string, at time.Time) error
}

// Housekeeping is what the server does by itself, over everybody's rows. Each method does one bounded step in one
// transaction and may be called again after a crash; of several processes at once, one works and the others do nothing.
type Housekeeping interface {
	// CatchUp brings the lines of the accounts whose sums changed first up to their sums, of at most so many, and returns how many
	// it did. An account that had sent already within RestFor waits for as long.
	CatchUp(ctx context.Context, most int, at time.Time) (int, error)
	// RollOn moves the rolling boards on to a day.
	RollOn(ctx context.Context, today string) error
	// StaleRates lists what the rows of the next accounts depend on that an older book priced; nothing is left when it is empty.
	StaleRates(ctx context.Context, book string, accounts int) ([]RateKey, error)
	// Reprice prices the rows again that an older book priced and that Rates has a price for, and keeps the log of who moved.
	// Lines of closed periods stay as they are. It returns how many accounts it did.
	Reprice(ctx context.Context, r Repricing) (int, error)
	// EndRepricing closes the log of a repricing that has nothing left to do.
	EndRepricing(ctx context.Context, book string, at time.Time) error
	// Repricings returns the log, the latest first. Of private accounts it holds a number.
	Repricings(ctx context.Context, limit int) ([]Repriced, error)
}

// RestFor is how long the lines of an account that keeps sending are left alone, unless somebody reads them.
const RestFor = 10 * time.Second

// FreshWithin is how many accounts' lines are brought up to date before any are read. While more wait, boards are read as they
// stand, and Behind says of when.
const FreshWithin = 32

// Boards are the public figures. Every method leaves out whoever is not public, unless it says otherwise, and reads boards as they
// stand: Fresh comes first where a reader is to see what was uploaded a moment ago. Somebody's own line holds everything that was
// stored before it was asked for.
type Boards interface {
	// Fresh makes the boards hold everything that came before, unless more than FreshWithin accounts wait.
	Fresh(ctx context.Context) error
	// Behind returns what lines do not hold yet.
	Behind(ctx context.Context) (Behind, error)
	// PublicUser returns a public account, and ErrNotFound alike for the private, the suspended and the missing.
	PublicUser(ctx context.Context, handle string) (User, error)
	// Page returns one page of a board, with the public line of a user; 0: of nobody. Who hides what the board is about has no line.
	Page(ctx context.Context, b Board, after *Mark, limit int, own int64) (Page, error)
	// Beside returns what is shown beside lines of some users on a board.
	Beside(ctx context.Context, b Board, users []int64, ask BesideAsk) (Beside, error)
	// LinesOf returns the public lines of some users, in order.
	LinesOf(ctx context.Context, b Board, users []int64) ([]Line, error)
	// LineOf returns the user's line as it is or, to themselves, would be in public with nothing hidden. It is
	// ErrNotFound without usage on the board, and to others unless the line is public.
	LineOf(ctx context.Context, b Board, reader Actor, user int64) (Line, error)
	// Marks returns the places of all the board's public lines, in order. There are about so many.
	Marks(ctx context.Context, b Board, about int) ([]Mark, error)
	// Crowd sums the board for everybody who may be counted in public, apart for public and aggregate accounts.
	Crowd(ctx context.Context, b Board) (Crowd, error)
	// Slices sums the period by source, by family and in all, for everybody who may be counted or for public lines alone.
	Slices(ctx context.Context, period string, publicOnly bool) ([]Slice, error)
	// BoardParts lists the sources and the families with public lines in the period.
	BoardParts(ctx context.Context, period string) (sources, families []string, err error)
	// ModelUsers counts the accounts that ever used a model, up to limit.
	ModelUsers(ctx context.Context, model string, limit int) (int, error)
}
