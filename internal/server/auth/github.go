package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/oauth2"
)

// The addresses of GitHub itself. An Enterprise server has its own.
const (
	GitHubSite = "https://github.com"
	GitHubAPI  = "https://api.github.com"
)

// gitHub speaks OAuth 2 and no OpenID Connect: who somebody is comes from its API. Its numeric id stays when a login is
// renamed and given to somebody else.
type gitHub struct {
	ProviderConfig
	client *http.Client
}

// NewGitHub returns GitHub, or an Enterprise server of it.
func NewGitHub(c ProviderConfig) (Provider, error) {
	if c.Issuer == "" {
		c.Issuer = GitHubSite
	}
	if c.API == "" {
		c.API = GitHubAPI
	}
	c.Issuer, c.API = strings.TrimSuffix(c.Issuer, "/"), strings.TrimSuffix(c.API, "/")
	base, err := c.check()
	if err != nil {
		return nil, err
	}
	api := c
	api.Issuer = c.API
	if _, err := api.check(); err != nil {
		return nil, err
	}
	return &gitHub{c, newClient(base, c.Private)}, nil
}

func (p *gitHub) About() About { return p.about() }

func (p *gitHub) config(f Flow) *oauth2.Config {
	c := &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.Secret, RedirectURL: f.Redirect, Endpoint: oauth2.Endpoint{
		AuthURL: p.Issuer + "/login/oauth/authorize", TokenURL: p.Issuer + "/login/oauth/access_token", AuthStyle: oauth2.AuthStyleInParams}}
	if len(p.Domains) > 0 {
		c.Scopes = append(c.Scopes, "user:email")
	}
	if len(p.Groups) > 0 {
		c.Scopes = append(c.Scopes, "read:org")
	}
	return c
}

func (p *gitHub) Start(_ context.Context, f Flow) (string, error) {
	return p.config(f).AuthCodeURL(f.State, oauth2.S256ChallengeOption(f.Verifier)), nil
}

func (p *gitHub) Finish(ctx context.Context, f Flow, back url.Values) (Arrival, error) {
	if err := checkBack(f, back); err != nil {
		return Arrival{}, err
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, p.client)
	token, err := p.config(f).Exchange(ctx, back.Get("code"), oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return Arrival{}, exchangeError(err)
	}
	var user struct {
		ID    int64  `json:"id"`
		Login string `json:"login"`
	}
	if err := p.ask(ctx, "/user", token, &user); err != nil {
		return Arrival{}, err
	}
	if user.ID <= 0 {
		return Arrival{}, fmt.Errorf("%w: no id", ErrUnproven)
	}
	if err := p.checkLists(ctx, token); err != nil {
		return Arrival{}, err
	}
	return Arrival{Issuer: p.Issuer, Subject: strconv.FormatInt(user.ID, 10), Handle: SuggestHandle(user.Login)}, nil
}

// checkLists asks for what the lists need, and nothing where there are none.
func (p *gitHub) checkLists(ctx context.Context, token *oauth2.Token) error {
	var verified, unverified, groups []string
	if len(p.Domains) > 0 {
		var addresses []struct {
			Email    string `json:"email"`
			Verified bool   `json:"verified"`
		}
		if err := p.ask(ctx, "/user/emails?per_page=100", token, &addresses); err != nil {
			return err
		}
		for _, a := range addresses {
			if a.Verified {
				verified = append(verified, a.Email)
			} else {
				unverified = append(unverified, a.Email)
			}
		}
	}
	if len(p.Groups) > 0 {
		var organisations []struct {
			Login string `json:"login"`
		}
		if err := p.ask(ctx, "/user/orgs?per_page=100", token, &organisations); err != nil {
			return err
		}
		for _, o := range organisations {
			groups = append(groups, o.Login)
		}
	}
	return p.admits(verified, unverified, groups)
}

func (p *gitHub) ask(ctx context.Context, path string, token *oauth2.Token, v any) error {
	body, err := get(ctx, p.client, p.API+path, token.AccessToken)
	if err == nil {
		err = json.Unmarshal(body, v)
	}
	if err != nil {
		path, _, _ = strings.Cut(path, "?")
		return fmt.Errorf("%w: %s: %w", ErrSilent, path, err)
	}
	return nil
}
