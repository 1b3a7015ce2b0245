package auth

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"tokenflex.ing/internal/server/store"
)

// Passkeys asks authenticators, and checks their answers, for one site.
type Passkeys struct {
	site *webauthn.WebAuthn
	key  []byte
}

// PasskeyFlow is one question to an authenticator. The browser keeps it, sealed.
type PasskeyFlow = webauthn.SessionData

// NewPasskeys asks for the site at the origin, whose host's name every passkey is bound to.
func NewPasskeys(host, origin string, key []byte) (*Passkeys, error) {
	site, err := webauthn.New(&webauthn.Config{RPID: host, RPDisplayName: "tokenflexing", RPOrigins: []string{origin},
		AttestationPreference: protocol.PreferNoAttestation, // which device somebody has is not our business
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired}})
	if err != nil {
		return nil, fmt.Errorf("passkeys for %s: %w", host, err)
	}
	return &Passkeys{site, key}, nil
}

// owner is an account as authenticators know it: by a pseudonym that another site's owner cannot compare.
type owner struct {
	id       []byte
	name     string
	passkeys []webauthn.Credential
}

func (o owner) WebAuthnID() []byte                         { return o.id }
func (o owner) WebAuthnName() string                       { return o.name }
func (o owner) WebAuthnDisplayName() string                { return o.name }
func (o owner) WebAuthnCredentials() []webauthn.Credential { return o.passkeys }

func (p *Passkeys) owner(user int64, name string, own ...store.Passkey) owner {
	m := hmac.New(sha256.New, p.key)
	fmt.Fprintf(m, "passkey owner\x00%d", user)
	o := owner{id: m.Sum(nil), name: name}
	for _, k := range own {
		o.passkeys = append(o.passkeys, credentialOf(k))
	}
	return o
}

func credentialOf(k store.Passkey) webauthn.Credential {
	c := webauthn.Credential{ID: k.Credential, PublicKey: k.PublicKey, Flags: webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(k.Flags)),
		Authenticator: webauthn.Authenticator{AAGUID: k.AAGUID, SignCount: k.Counter}}
	for _, t := range strings.Split(k.Transports, ",") {
		if t != "" {
			c.Transport = append(c.Transport, protocol.AuthenticatorTransport(t))
		}
	}
	return c
}

// AskNew returns what script passes to the authenticator to make a passkey for an account that has those.
func (p *Passkeys) AskNew(user int64, handle string, own []store.Passkey) (options string, f *PasskeyFlow, err error) {
	o := p.owner(user, handle, own...)
	creation, f, err := p.site.BeginRegistration(o, webauthn.WithExclusions(webauthn.Credentials(o.passkeys).CredentialDescriptors()))
	if err != nil {
		return "", nil, err
	}
	return asText(creation, f)
}

// Ask returns what script passes to the authenticator to sign in by any passkey of the site.
func (p *Passkeys) Ask() (options string, f *PasskeyFlow, err error) {
	assertion, f, err := p.site.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return "", nil, err
	}
	return asText(assertion, f)
}

func asText(v any, f *PasskeyFlow) (string, *PasskeyFlow, error) {
	text, err := json.Marshal(v)
	return string(text), f, err
}

// maxTransports is as long as what is stored of them.
const maxTransports = 64

// New checks the answer to AskNew and returns the passkey, which has no id, name or time yet.
func (p *Passkeys) New(user int64, handle string, f PasskeyFlow, answer string) (store.Passkey, error) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return store.Passkey{}, fmt.Errorf("%w: %w", ErrUnproven, err)
	}
	c, err := p.site.CreateCredential(p.owner(user, handle), f, parsed)
	if err != nil {
		return store.Passkey{}, fmt.Errorf("%w: %w", ErrUnproven, err)
	}
	var transports []string
	for _, t := range c.Transport {
		transports = append(transports, string(t))
	}
	k := store.Passkey{Credential: c.ID, User: user, PublicKey: c.PublicKey, AAGUID: c.Authenticator.AAGUID, Transports: strings.Join(transports, ","),
		Flags: uint8(c.Flags.ProtocolValue()), Counter: c.Authenticator.SignCount}
	if len(k.Transports) > maxTransports { // only a hint where to look for it
		k.Transports = ""
	}
	return k, nil
}

// Check checks the answer to Ask and returns the passkey that gave it, with its new flags and counter. find returns the
// passkey with a credential.
func (p *Passkeys) Check(f PasskeyFlow, answer string, find func(credential []byte) (store.Passkey, error)) (store.Passkey, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return store.Passkey{}, fmt.Errorf("%w: %w", ErrUnproven, err)
	}
	var k store.Passkey
	var broken error // a fault of the store is no answer of the authenticator
	_, c, err := p.site.ValidatePasskeyLogin(func(credential, user []byte) (webauthn.User, error) {
		found, err := find(credential)
		if err != nil {
			if !errors.Is(err, store.ErrNotFound) {
				broken = err
			}
			return nil, err
		}
		o := p.owner(found.User, "", found)
		if !bytes.Equal(user, o.id) {
			return nil, store.ErrNotFound
		}
		k = found
		return o, nil
	}, f, parsed)
	switch {
	case broken != nil:
		return store.Passkey{}, broken
	case err != nil:
		return store.Passkey{}, fmt.Errorf("%w: %w", ErrUnproven, err)
	case c.Authenticator.CloneWarning:
		return store.Passkey{}, fmt.Errorf("%w: its counter went back", ErrUnproven)
	}
	k.Flags, k.Counter = uint8(c.Flags.ProtocolValue()), c.Authenticator.SignCount
	return k, nil
}
