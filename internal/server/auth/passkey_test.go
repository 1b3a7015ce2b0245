package auth

import (
	"errors"
	"strings"
	"testing"

	"tokenflex.ing/internal/server/store"
)

// Whatever comes for an answer of an authenticator, it is refused and nothing else happens. That good ones are taken is
// tried in a real browser.
func FuzzPasskeyAnswer(f *testing.F) {
	p, err := NewPasskeys("tokenflex.example", "https://tokenflex.example", []byte(strings.Repeat("k", 32)))
	if err != nil {
		f.Fatal(err)
	}
	_, made, err := p.AskNew(1, "mira", nil)
	if err != nil {
		f.Fatal(err)
	}
	_, asked, err := p.Ask()
	if err != nil {
		f.Fatal(err)
	}
	f.Add("")
	f.Add("{}")
	f.Add(`{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"}}`)
	f.Add(`{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AAAA","signature":"AAAA","userHandle":"AAAA"}}`)
	f.Fuzz(func(t *testing.T, answer string) {
		if _, err := p.New(1, "mira", *made, answer); !errors.Is(err, ErrUnproven) {
			t.Errorf("a passkey: %v", err)
		}
		_, err := p.Check(*asked, answer, func([]byte) (store.Passkey, error) { return store.Passkey{}, store.ErrNotFound })
		if !errors.Is(err, ErrUnproven) {
			t.Errorf("a sign-in: %v", err)
		}
	})
}
