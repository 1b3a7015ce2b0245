package store

import "time"

// MaxIdentities and MaxPasskeys bound what one account may hold of each.
const (
	MaxIdentities = 16
	MaxPasskeys   = 16
)

// Identity is somebody whom an issuer elsewhere knows, and who may open an account here.
type Identity struct {
	Key       Hash   // keyed hash of the issuer and its subject
	ID        string // a UUID
	Issuer    string
	CreatedAt time.Time
	UsedOn    string // YYYY-MM-DD of the last use; empty: never
}

// Passkey is a WebAuthn credential.
type Passkey struct {
	Credential []byte
	ID         string // a UUID
	User       int64
	Name       string
	PublicKey  []byte // COSE
	AAGUID     []byte
	Transports string // joined by commas
	Flags      uint8  // of the last authenticator data
	Counter    uint32 // of signatures; 0 where the authenticator does not count
	CreatedAt  time.Time
	UsedOn     string // YYYY-MM-DD of the last use; empty: never
}
