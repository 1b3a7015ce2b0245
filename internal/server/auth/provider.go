package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/server/store"
)

// ProviderConfig is one place elsewhere that people can sign in by, as the host set it up.
type ProviderConfig struct {
	ID       string // in addresses: 1 to 32 of a-z, 0-9 and inner dashes
	Name     string // on the button
	Issuer   string // its address; for GitHub that of the site
	API      string // of GitHub: its API's address
	ClientID string
	Secret   string
	Domains  []string // of verified mail addresses that are let in; empty: all
	Groups   []string // of which one lets in; for GitHub organisations; empty: all
	Claim    string   // that holds the groups; empty: groups
	Private  bool     // its address may be one of a private network
}

// Provider is a place elsewhere that people can prove who they are at.
type Provider interface {
	About() About
	// Start returns the address that the browser goes to. Again asks that whoever is there proves it anew.
	Start(ctx context.Context, f Flow) (string, error)
	// Finish returns who came back, from the query that the browser brought.
	Finish(ctx context.Context, f Flow, back url.Values) (Arrival, error)
}

// About is what a provider is known by.
type About struct {
	ID, Name, Issuer string
	Listed           bool // it lets in only whom its lists name
}

// Flow is one way there and back. The browser keeps it, sealed.
type Flow struct {
	Provider string
	Redirect string // where the browser comes back to
	State    string
	Nonce    string
	Verifier string // of PKCE
	Next     string // path to go on to
	Link     int64  // the account to link the identity to; 0: sign in
	Again    bool   // to prove it anew
}

// NewFlow returns a flow with secrets of its own.
func NewFlow(provider, redirect, next string) Flow {
	return Flow{Provider: provider, Redirect: redirect, Next: next, State: NewSecret(), Nonce: NewSecret(), Verifier: NewSecret()}
}

// Arrival is somebody who proved who they are.
type Arrival struct {
	Issuer, Subject string
	Handle          string // that they might like; empty: none
}

// Key returns what is stored of them: a hash that says nothing without the server's key.
func (a Arrival) Key(key []byte) store.Hash {
	m := hmac.New(sha256.New, key)
	fmt.Fprintf(m, "identity\x00%d\x00%s%s", len(a.Issuer), a.Issuer, a.Subject)
	return store.Hash(m.Sum(nil))
}

// Why somebody who came back is not let in.
var (
	ErrDeclined   = errors.New("they did not agree there")
	ErrUnlisted   = errors.New("no list of the provider names them")
	ErrUnverified = errors.New("the provider has not verified their mail address")
	ErrUnproven   = errors.New("what they brought back proves nothing")
	ErrSilent     = errors.New("the provider does not answer")
)

// SignUp says who gets an account without being invited.
type SignUp int

// The policies.
const (
	SignUpClosed SignUp = iota // nobody
	SignUpListed               // whoever comes from a provider that lets in only whom its lists name
	SignUpOpen                 // whoever comes
)

// ParseSignUp returns the policy of that name: closed, allowlist or open.
func ParseSignUp(name string) (SignUp, error) {
	i := slices.Index([]string{"closed", "allowlist", "open"}, name)
	if i < 0 {
		return SignUpClosed, fmt.Errorf("%q is not closed, allowlist or open", name)
	}
	return SignUp(i), nil
}

var providerID = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$`)

// check refuses what could not work, and http to other machines.
func (c ProviderConfig) check() (*url.URL, error) {
	base, err := url.Parse(c.Issuer)
	switch {
	case !providerID.MatchString(c.ID):
		return nil, fmt.Errorf("sign-in %q: its id is 1 to 32 of a-z, 0-9 and inner dashes", c.ID)
	case err != nil || base.Host == "" || base.RawQuery != "" || base.Fragment != "" || base.User != nil:
		return nil, fmt.Errorf("sign-in %s: %q is not an address such as https://id.example", c.ID, c.Issuer)
	case c.ClientID == "" || c.Secret == "":
		return nil, fmt.Errorf("sign-in %s: it needs the client's id and its secret", c.ID)
	case strings.TrimSpace(c.Name) == "" || len(c.Name) > 64:
		return nil, fmt.Errorf("sign-in %s: its name is 1 to 64 characters", c.ID)
	}
	ip, localhost := literal(base.Hostname())
	if base.Scheme != "https" && (base.Scheme != "http" || !ip.IsLoopback() && !localhost) {
		return nil, fmt.Errorf("sign-in %s: %s must be https", c.ID, c.Issuer)
	}
	return base, nil
}

func (c ProviderConfig) about() About {
	return About{ID: c.ID, Name: c.Name, Issuer: c.Issuer, Listed: len(c.Domains)+len(c.Groups) > 0}
}

// admits says whether the lists let somebody in who has verified these mail addresses and is in these groups.
func (c ProviderConfig) admits(verified, unverified, groups []string) error {
	if len(c.Domains) > 0 && !slices.ContainsFunc(verified, c.hasDomain) {
		if slices.ContainsFunc(unverified, c.hasDomain) {
			return ErrUnverified
		}
		return ErrUnlisted
	}
	if len(c.Groups) > 0 && !slices.ContainsFunc(groups, func(g string) bool { return slices.Contains(c.Groups, g) }) {
		return ErrUnlisted
	}
	return nil
}

// hasDomain compares whole domains: that of a.example is neither b.a.example's nor xa.example's.
func (c ProviderConfig) hasDomain(mail string) bool {
	at := strings.LastIndexByte(mail, '@')
	return at > 0 && slices.ContainsFunc(c.Domains, func(d string) bool { return strings.EqualFold(mail[at+1:], d) })
}

// SuggestHandle returns the handle nearest to a name from elsewhere, empty if nothing of it can be one.
func SuggestHandle(name string) string {
	name, _, _ = strings.Cut(strings.ToLower(name), "@")
	var b strings.Builder
	for _, r := range name {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else if b.Len() > 0 && !strings.HasSuffix(b.String(), "-") {
			b.WriteByte('-')
		}
	}
	const longest = 39
	s := b.String()
	return strings.Trim(s[:min(len(s), longest)], "-")
}

// within reports whether a moment is at most so long ago, as clocks go.
func within(at, now time.Time, age time.Duration) bool {
	const skew = time.Minute
	return at.After(now.Add(-age-skew)) && at.Before(now.Add(skew))
}
