// Package signed says whether a price book comes from the server it is said to come from. A server signs the bytes of its answer
// with a key of its own (Ed25519); a client remembers the key. It knows nothing of prices, files or the network.
package signed

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"strings"
)

const scheme = "ed25519:"

// The ways a signature does not hold.
var (
	ErrUnsigned = errors.New("it is not signed")
	ErrKey      = errors.New("the key is not one")
	ErrForged   = errors.New("the signature does not fit it")
)

// Signer signs with one key.
type Signer struct{ key ed25519.PrivateKey }

// NewSigner makes the key from a secret of 32 bytes.
func NewSigner(secret []byte) (Signer, error) {
	if len(secret) != ed25519.SeedSize {
		return Signer{}, ErrKey
	}
	return Signer{ed25519.NewKeyFromSeed(secret)}, nil
}

// Key is the public key as it is published: "ed25519:" and base64.
func (s Signer) Key() string {
	return scheme + base64.StdEncoding.EncodeToString(s.key.Public().(ed25519.PublicKey))
}

// Sign is the signature of body as it is sent: "ed25519:" and base64.
func (s Signer) Sign(body []byte) string {
	return scheme + base64.StdEncoding.EncodeToString(ed25519.Sign(s.key, body))
}

// Verify returns nil if the signature is of body by the holder of the key.
func Verify(key, signature string, body []byte) error {
	if signature == "" {
		return ErrUnsigned
	}
	public, ok := decode(key, ed25519.PublicKeySize)
	if !ok {
		return ErrKey
	}
	sig, ok := decode(signature, ed25519.SignatureSize)
	if !ok || !ed25519.Verify(public, body, sig) {
		return ErrForged
	}
	return nil
}

func decode(text string, size int) ([]byte, bool) {
	text, ok := strings.CutPrefix(text, scheme)
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	return b, ok && err == nil && len(b) == size
}
