// Package oidctest runs a real OpenID Connect provider on loopback: the certified one of zitadel/oidc, with people of our
// own. Only tests import it.
package oidctest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// The client that the provider knows.
const (
	ClientID = "tokenflexd"
	Secret   = "provider-secret"
)

// Person is somebody whom the provider knows.
type Person struct {
	Subject, Username, Email string
	Verified                 bool
	Groups                   []string
}

// Provider is a running provider. Whoever comes is signed in at once, as the person last set.
type Provider struct {
	URL string

	mu     sync.Mutex
	person Person
	twist  Twist
}

// Twist makes the provider's id tokens untrue in one way.
type Twist struct {
	Nonce    string
	Client   string        // that they are for; empty: the one that asked
	Lifetime time.Duration // 0: as usual
	AuthTime time.Time     // zero: now
	About    string        // subject of the profile beside it; empty: the same
}

// Start runs a provider that sends people back to one of the addresses.
func Start(t testing.TB, redirects ...string) *Provider {
	t.Helper()
	p := &Provider{}
	server := httptest.NewUnstartedServer(nil)
	p.URL = "http://" + server.Listener.Addr().String()
	s := &people{Storage: storage.NewStorageWithClients(p, map[string]*storage.Client{ClientID: storage.WebClient(ClientID, Secret, redirects...)}), of: p}
	provider, err := op.NewProvider(&op.Config{CryptoKey: sha256.Sum256([]byte(t.Name())), CryptoKeyId: "1", CodeMethodS256: true, AuthMethodPost: true,
		SupportedClaims: op.DefaultSupportedClaims, SupportedScopes: append(op.DefaultSupportedScopes, "groups")},
		s, op.StaticIssuer(p.URL), op.WithAllowInsecure())
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", provider)
	back := op.AuthCallbackURL(provider)
	mux.HandleFunc("/login/username", func(w http.ResponseWriter, r *http.Request) {
		id := r.FormValue("authRequestID")
		if err := s.CheckUsernamePassword(p.whoever().Username, password, id); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		http.Redirect(w, r, back(op.ContextWithIssuer(r.Context(), p.URL), id), http.StatusFound)
	})
	server.Config.Handler = mux
	server.Start()
	t.Cleanup(server.Close)
	return p
}

const password = "correct horse"

// Be makes everybody who comes from now on that person.
func (p *Provider) Be(who Person) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.person = who
}

// Lie twists the id tokens from now on.
func (p *Provider) Lie(t Twist) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.twist = t
}

func (p *Provider) whoever() Person {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.person
}

func (p *Provider) lie() Twist {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.twist
}

// GetUserByID implements storage.UserStore.
func (p *Provider) GetUserByID(string) *storage.User {
	who := p.whoever()
	return &storage.User{ID: who.Subject, Username: who.Username, Password: password, Email: who.Email, EmailVerified: who.Verified}
}

// GetUserByUsername implements storage.UserStore.
func (p *Provider) GetUserByUsername(string) *storage.User { return p.GetUserByID("") }

// ExampleClientID implements storage.UserStore.
func (p *Provider) ExampleClientID() string { return "none" }

// people adds groups to the provider's storage, and lies where it is told to.
type people struct {
	*storage.Storage
	of *Provider
}

func (s *people) groups(info *oidc.UserInfo) {
	if g := s.of.whoever().Groups; len(g) > 0 {
		info.AppendClaims("groups", g)
	}
}

func (s *people) SetUserinfoFromRequest(ctx context.Context, info *oidc.UserInfo, r op.IDTokenRequest, scopes []string) error {
	err := s.Storage.SetUserinfoFromRequest(ctx, info, r, scopes)
	s.groups(info)
	return err
}

func (s *people) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, token, subject, origin string) error {
	err := s.Storage.SetUserinfoFromToken(ctx, info, token, subject, origin)
	if other := s.of.lie().About; other != "" {
		info.Subject = other
	}
	s.groups(info)
	return err
}

func (s *people) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	r, err := s.Storage.AuthRequestByCode(ctx, code)
	if err != nil {
		return nil, err
	}
	return &twisted{r, s.of.lie()}, nil
}

func (s *people) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	c, err := s.Storage.GetClientByClientID(ctx, id)
	if err != nil {
		return nil, err
	}
	return &client{c, s.of.lie()}, nil
}

type twisted struct {
	op.AuthRequest
	twist Twist
}

func (r *twisted) GetNonce() string {
	if r.twist.Nonce != "" {
		return r.twist.Nonce
	}
	return r.AuthRequest.GetNonce()
}

func (r *twisted) GetClientID() string { return cmp.Or(r.twist.Client, r.AuthRequest.GetClientID()) }

func (r *twisted) GetAudience() []string { return []string{r.GetClientID()} }

func (r *twisted) GetAuthTime() time.Time {
	if !r.twist.AuthTime.IsZero() {
		return r.twist.AuthTime
	}
	return r.AuthRequest.GetAuthTime()
}

type client struct {
	op.Client
	twist Twist
}

func (c *client) GetID() string { return cmp.Or(c.twist.Client, c.Client.GetID()) }

func (c *client) IDTokenLifetime() time.Duration {
	return cmp.Or(c.twist.Lifetime, c.Client.IDTokenLifetime())
}

func (c *client) IsScopeAllowed(scope string) bool { return scope == "groups" }
