package main

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/pflag"
	"tokenflex.ing/internal/server"
	"tokenflex.ing/internal/server/auth"
)

// signInOptions are the ways to sign in but for links, which always work.
type signInOptions struct {
	signUp      string
	passkeys    bool
	oidc        auth.ProviderConfig
	gitHub      auth.ProviderConfig
	file        string
	header      string
	headerName  string
	headerFrom  []string
	tokenMaxAge time.Duration
	contact     string
	identity    string
}

func (o *signInOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.signUp, "signup", "closed", "who gets an account without being invited: closed, allowlist (whoever a list of a sign-in names) or open")
	f.BoolVar(&o.passkeys, "passkeys", true, "let people add passkeys and sign in by them")
	f.StringVar(&o.oidc.Issuer, "oidc-issuer", "", "`address` of an OpenID Connect issuer to sign in by, such as https://id.example")
	f.StringVar(&o.oidc.Name, "oidc-name", "", "its `name` on the button (default its host)")
	f.StringVar(&o.oidc.ClientID, "oidc-client-id", "", "`id` of this server there; it comes back to /signin/with/oidc/back")
	f.StringVar(&o.oidc.Secret, "oidc-client-secret", "", "`secret` of this server there; best by TOKENFLEXD_OIDC_CLIENT_SECRET_FILE")
	f.StringSliceVar(&o.oidc.Domains, "oidc-domain", nil, "let in verified mail addresses of this `domain` only; may be repeated")
	f.StringSliceVar(&o.oidc.Groups, "oidc-group", nil, "let in people of this `group` only; may be repeated")
	f.StringVar(&o.oidc.Claim, "oidc-groups-claim", "groups", "`claim` that holds the groups")
	f.BoolVar(&o.oidc.Private, "oidc-private", false, "the issuer's name may lead to an address of a private network")
	f.StringVar(&o.gitHub.ClientID, "github-client-id", "", "`id` of this server's OAuth app at GitHub; it comes back to /signin/with/github/back")
	f.StringVar(&o.gitHub.Secret, "github-client-secret", "", "`secret` of the app; best by TOKENFLEXD_GITHUB_CLIENT_SECRET_FILE")
	f.StringSliceVar(&o.gitHub.Groups, "github-org", nil, "let in members of this `organisation` only; may be repeated")
	f.StringSliceVar(&o.gitHub.Domains, "github-domain", nil, "let in verified mail addresses of this `domain` only; may be repeated")
	f.StringVar(&o.gitHub.Issuer, "github-url", auth.GitHubSite, "`address` of GitHub, or of an Enterprise server")
	f.StringVar(&o.gitHub.API, "github-api", auth.GitHubAPI, "`address` of its API")
	f.BoolVar(&o.gitHub.Private, "github-private", false, "the Enterprise server's name may lead to an address of a private network")
	f.StringVar(&o.file, "sign-in-file", "", "`file` of more issuers, as TOML")
	f.StringVar(&o.header, "user-header", "", "`header` in which the proxy in front says who somebody is, such as Remote-User; needs --user-header-from")
	f.StringSliceVar(&o.headerFrom, "user-header-from", nil, "`address` or network of that proxy; nobody else's header is read; may be repeated")
	f.StringVar(&o.headerName, "user-header-name", "Single sign-on", "`name` of that sign-in for people")
	f.StringVar(&o.identity, "identity-secret", "", "`secret` mixed into what is kept of who people are elsewhere, 32 characters or more; never change it; best by TOKENFLEXD_IDENTITY_SECRET_FILE")
	f.DurationVar(&o.tokenMaxAge, "token-max-age", 0, "end new device tokens after so long, such as 2160h (default never)")
	f.StringVar(&o.contact, "contact", "", "`address` for who finds a fault, mailto: or https:, in /.well-known/security.txt (default the project's)")
}

// apply fills in what the flags say.
func (o *signInOptions) apply(s *server.Options) error {
	var err error
	if s.SignUp, err = auth.ParseSignUp(o.signUp); err != nil {
		return fmt.Errorf("--signup: %w", err)
	}
	if o.tokenMaxAge != 0 && o.tokenMaxAge < time.Hour {
		return errors.New("--token-max-age is an hour or more")
	}
	if o.contact != "" && !strings.HasPrefix(o.contact, "https://") && !strings.HasPrefix(o.contact, "mailto:") || strings.ContainsAny(o.contact, "\r\n ") {
		return errors.New("--contact is like mailto:security@example.org or https://example.org/security")
	}
	const shortest = 32
	if o.identity != "" && len(o.identity) < shortest {
		return errors.New("--identity-secret is 32 characters or more")
	}
	s.Passkeys, s.TokenMaxAge, s.Contact, s.IdentitySecret = o.passkeys, o.tokenMaxAge, o.contact, o.identity
	if s.ProxyUser, err = o.proxyUser(); err != nil {
		return err
	}
	s.Providers, err = o.providers()
	return err
}

func (o *signInOptions) proxyUser() (server.ProxyUser, error) {
	p := server.ProxyUser{Header: o.header, Name: o.headerName, Listed: true}
	for _, text := range o.headerFrom {
		from, err := parsePrefix(text)
		if err != nil {
			return p, fmt.Errorf("--user-header-from %q is no address or network", text)
		}
		if from.Bits() == 0 {
			return p, errors.New("--user-header-from is everybody: anybody could sign in as anybody")
		}
		p.From = append(p.From, netip.PrefixFrom(from.Addr(), from.Bits()))
	}
	if (o.header == "") != (len(p.From) == 0) {
		return p, errors.New("--user-header and --user-header-from go together")
	}
	return p, nil
}

// providers are the issuers of the flags and of the file.
func (o *signInOptions) providers() ([]auth.Provider, error) {
	var all []auth.Provider
	add := func(p auth.Provider, err error) error {
		if err == nil {
			all = append(all, p)
		}
		return err
	}
	if c := o.oidc; c.Issuer != "" {
		c.ID, c.Name = "oidc", nameOf(c)
		if err := add(auth.NewOIDC(c, time.Now)); err != nil {
			return nil, err
		}
	}
	more, err := readIssuers(o.file)
	if err != nil {
		return nil, err
	}
	for _, c := range more {
		if err := add(auth.NewOIDC(c, time.Now)); err != nil {
			return nil, err
		}
	}
	if c := o.gitHub; c.ClientID != "" {
		c.ID, c.Name = "github", "GitHub"
		if err := add(auth.NewGitHub(c)); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// nameOf is what the button says if nobody says what.
func nameOf(c auth.ProviderConfig) string {
	if u, err := url.Parse(c.Issuer); c.Name == "" && err == nil {
		return u.Hostname()
	}
	return c.Name
}

// issuerEntry is one issuer in a file.
type issuerEntry struct {
	ID         string   `toml:"id"`
	Name       string   `toml:"name"`
	Issuer     string   `toml:"issuer"`
	ClientID   string   `toml:"client-id"`
	SecretFile string   `toml:"client-secret-file"` // beside the file, unless it is a whole path
	Domains    []string `toml:"domains"`
	Groups     []string `toml:"groups"`
	Claim      string   `toml:"groups-claim"`
	Private    bool     `toml:"private"`
}

// readIssuers reads a file of issuers; no file has none. A key that means nothing is an error, since a list that was
// misspelled would let everybody in.
func readIssuers(name string) ([]auth.ProviderConfig, error) {
	if name == "" {
		return nil, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("--sign-in-file: %w", err)
	}
	var file struct {
		OIDC []issuerEntry `toml:"oidc"`
	}
	strict := toml.NewDecoder(strings.NewReader(string(text))).DisallowUnknownFields()
	if err := strict.Decode(&file); err != nil {
		var missing *toml.StrictMissingError
		if errors.As(err, &missing) && len(missing.Errors) > 0 {
			line, _ := missing.Errors[0].Position()
			return nil, fmt.Errorf("%s, line %d: no such key", name, line)
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var all []auth.ProviderConfig
	for _, e := range file.OIDC {
		at := e.SecretFile
		if at != "" && !filepath.IsAbs(at) {
			at = filepath.Join(filepath.Dir(name), at)
		}
		secret, err := readSecret(at)
		if err != nil {
			return nil, fmt.Errorf("%s: the secret of %q: %w", name, e.ID, err)
		}
		c := auth.ProviderConfig{ID: e.ID, Name: e.Name, Issuer: e.Issuer, ClientID: e.ClientID, Secret: secret, Domains: e.Domains, Groups: e.Groups,
			Claim: e.Claim, Private: e.Private}
		c.Name = nameOf(c)
		all = append(all, c)
	}
	return all, nil
}
