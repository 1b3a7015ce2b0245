package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"tokenflex.ing/internal/server/store"
)

// issuer is an OpenID Connect provider. It is asked for its metadata when it is first needed, so that a server starts
// without it.
type issuer struct {
	ProviderConfig
	client *http.Client
	now    func() time.Time

	mu   sync.Mutex
	meta *metadata
}

// metadata is what the issuer says of itself.
type metadata struct {
	*oidc.Provider
	SaysIssuer bool     `json:"authorization_response_iss_parameter_supported"` // RFC 9207
	Scopes     []string `json:"scopes_supported"`
}

// NewOIDC returns an OpenID Connect issuer.
func NewOIDC(c ProviderConfig, now func() time.Time) (Provider, error) {
	base, err := c.check()
	if err != nil {
		return nil, err
	}
	if c.Claim == "" {
		c.Claim = "groups"
	}
	return &issuer{ProviderConfig: c, client: newClient(base, c.Private), now: now}, nil
}

func (p *issuer) About() About { return p.about() }

// discover returns the issuer's metadata. One that has answered is not asked again.
func (p *issuer) discover(ctx context.Context) (*metadata, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.meta != nil {
		return p.meta, nil
	}
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), p.Issuer)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSilent, err)
	}
	m := &metadata{Provider: found}
	if err := found.Claims(m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSilent, err)
	}
	p.meta = m
	return m, nil
}

func (p *issuer) config(m *metadata, f Flow) *oauth2.Config {
	scopes := []string{oidc.ScopeOpenID, "profile"}
	if len(p.Domains) > 0 {
		scopes = append(scopes, "email")
	}
	if len(p.Groups) > 0 && slices.Contains(m.Scopes, p.Claim) { // elsewhere the claim comes by itself
		scopes = append(scopes, p.Claim)
	}
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.Secret, Endpoint: m.Endpoint(), RedirectURL: f.Redirect, Scopes: scopes}
}

func (p *issuer) Start(ctx context.Context, f Flow) (string, error) {
	m, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)}
	if f.Again {
		options = append(options, oauth2.SetAuthURLParam("max_age", strconv.Itoa(int(store.Fresh.Seconds()))))
	}
	return p.config(m, f).AuthCodeURL(f.State, options...), nil
}

func (p *issuer) Finish(ctx context.Context, f Flow, back url.Values) (Arrival, error) {
	m, err := p.discover(ctx)
	if err != nil {
		return Arrival{}, err
	}
	if err := checkBack(f, back); err != nil {
		return Arrival{}, err
	}
	if from := back.Get("iss"); from != p.Issuer && (back.Has("iss") || m.SaysIssuer) {
		return Arrival{}, fmt.Errorf("%w: it came from another issuer", ErrUnproven)
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := p.config(m, f).Exchange(ctx, back.Get("code"), oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return Arrival{}, exchangeError(err)
	}
	return p.arrival(ctx, m, f, token)
}

// checkBack refuses what did not begin with this flow, and says what became of one that did.
func checkBack(f Flow, back url.Values) error {
	for _, values := range back {
		if len(values) > 1 {
			return fmt.Errorf("%w: a parameter comes twice", ErrUnproven)
		}
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(back.Get("state")), []byte(f.State)) != 1:
		return fmt.Errorf("%w: another state", ErrUnproven)
	case back.Has("error"):
		return ErrDeclined
	case back.Get("code") == "":
		return fmt.Errorf("%w: no code", ErrUnproven)
	}
	return nil
}

// exchangeError tells a provider that refuses from one that does not answer.
func exchangeError(err error) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response.StatusCode < http.StatusInternalServerError {
		return fmt.Errorf("%w: the code is refused: %s", ErrUnproven, cutError(refused.ErrorCode))
	}
	return fmt.Errorf("%w: %w", ErrSilent, err)
}

// cutError keeps an error's name, which goes into the log, short.
func cutError(code string) string { return strconv.QuoteToASCII(code[:min(len(code), 64)]) }

// arrival verifies the id token and reads who it is about.
func (p *issuer) arrival(ctx context.Context, m *metadata, f Flow, token *oauth2.Token) (Arrival, error) {
	raw, _ := token.Extra("id_token").(string)
	id, err := m.Verifier(&oidc.Config{ClientID: p.ClientID, Now: p.now}).Verify(ctx, raw)
	if err != nil {
		return Arrival{}, fmt.Errorf("%w: %w", ErrUnproven, err)
	}
	claims := make(map[string]any)
	if err := id.Claims(&claims); err != nil {
		return Arrival{}, fmt.Errorf("%w: %w", ErrUnproven, err)
	}
	azp, _ := claims["azp"].(string)
	switch {
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(f.Nonce)) != 1:
		return Arrival{}, fmt.Errorf("%w: another nonce", ErrUnproven)
	case id.Subject == "":
		return Arrival{}, fmt.Errorf("%w: no subject", ErrUnproven)
	case azp != p.ClientID && (azp != "" || len(id.Audience) > 1):
		return Arrival{}, fmt.Errorf("%w: it is for another client", ErrUnproven)
	}
	if at, ok := claims["auth_time"].(float64); f.Again && ok && !within(time.Unix(int64(at), 0), p.now(), store.Fresh) {
		return Arrival{}, fmt.Errorf("%w: they signed in there too long ago", ErrUnproven)
	}
	if err := p.complete(ctx, m, id.Subject, token, claims); err != nil {
		return Arrival{}, err
	}
	if err := p.admits(mails(claims), unverified(claims), words(claims[p.Claim])); err != nil {
		return Arrival{}, err
	}
	return Arrival{Issuer: p.Issuer, Subject: id.Subject, Handle: suggestion(claims)}, nil
}

// complete asks for the claims that issuers may leave out of the id token. The lists need theirs; a name is not worth failing.
func (p *issuer) complete(ctx context.Context, m *metadata, subject string, token *oauth2.Token, claims map[string]any) error {
	need := len(p.Domains) > 0 && claims["email"] == nil || len(p.Groups) > 0 && claims[p.Claim] == nil
	if !need && claims["preferred_username"] != nil || m.UserInfoEndpoint() == "" {
		return nil
	}
	more := make(map[string]any)
	info, err := m.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err == nil {
		err = info.Claims(&more)
	}
	switch {
	case err != nil && need:
		return fmt.Errorf("%w: %w", ErrSilent, err)
	case err != nil:
		return nil
	case more["sub"] != subject:
		return fmt.Errorf("%w: it tells of somebody else", ErrUnproven)
	}
	for _, name := range []string{"email", "preferred_username", p.Claim} {
		if claims[name] == nil {
			claims[name] = more[name]
			if name == "email" {
				claims["email_verified"] = more["email_verified"]
			}
		}
	}
	return nil
}

func isVerified(claims map[string]any) bool {
	return claims["email_verified"] == true || claims["email_verified"] == "true" // some issuers write it as text
}

func mails(claims map[string]any) []string {
	if mail, ok := claims["email"].(string); ok && isVerified(claims) {
		return []string{mail}
	}
	return nil
}

func unverified(claims map[string]any) []string {
	if mail, ok := claims["email"].(string); ok && !isVerified(claims) {
		return []string{mail}
	}
	return nil
}

// words are the strings of a claim that is one or a list of them.
func words(claim any) []string {
	if one, ok := claim.(string); ok {
		return []string{one}
	}
	list, _ := claim.([]any)
	var all []string
	for _, w := range list {
		if text, ok := w.(string); ok {
			all = append(all, text)
		}
	}
	return all
}

func suggestion(claims map[string]any) string {
	for _, name := range []string{"preferred_username", "email"} {
		if text, ok := claims[name].(string); ok && SuggestHandle(text) != "" {
			return SuggestHandle(text)
		}
	}
	return ""
}
