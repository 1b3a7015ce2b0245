package auth

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"
)

// octo is GitHub's documented end points, as far as signing in needs them.
type octo struct {
	user   map[string]any
	emails []map[string]any
	orgs   []map[string]any
	asked  []string
	code   map[string]string // code to the challenge that it was given for
}

func (o *octo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.asked = append(o.asked, r.URL.Path)
	answer := func(v any) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(v)
	}
	if r.URL.Path == "/login/oauth/access_token" {
		challenge, known := o.code[r.FormValue("code")]
		delete(o.code, r.FormValue("code"))
		if r.FormValue("client_secret") != "secret" || !known || oauth2.S256ChallengeFromVerifier(r.FormValue("code_verifier")) != challenge {
			answer(map[string]string{"error": "bad_verification_code"}) // with 200, as GitHub does
			return
		}
		answer(map[string]string{"access_token": "gho_x", "token_type": "bearer", "scope": ""})
		return
	}
	if r.Header.Get("Authorization") != "Bearer gho_x" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	switch r.URL.Path {
	case "/api/user":
		answer(o.user)
	case "/api/user/emails":
		answer(o.emails)
	case "/api/user/orgs":
		answer(o.orgs)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func TestGitHub(t *testing.T) {
	for _, tt := range []struct {
		name            string
		domains, groups []string
		change          func(*octo, *Flow, url.Values)
		want            error
		asked           string
	}{
		{"anybody", nil, nil, nil, nil, "/login/oauth/access_token /api/user"},
		{"of the domain", []string{"corp.example"}, nil, nil, nil, "/login/oauth/access_token /api/user /api/user/emails"},
		{"a domain that is not verified", []string{"other.example"}, nil, nil, ErrUnverified, ""},
		{"of no domain", []string{"third.example"}, nil, nil, ErrUnlisted, ""},
		{"of the organisation", nil, []string{"corp"}, nil, nil, "/login/oauth/access_token /api/user /api/user/orgs"},
		{"of another organisation", nil, []string{"corpse"}, nil, ErrUnlisted, ""},
		{"another state", nil, nil, func(_ *octo, _ *Flow, q url.Values) { q.Set("state", "x") }, ErrUnproven, ""},
		{"another code", nil, nil, func(_ *octo, _ *Flow, q url.Values) { q.Set("code", "x") }, ErrUnproven, ""},
		{"another verifier", nil, nil, func(_ *octo, f *Flow, _ url.Values) { f.Verifier = NewSecret() }, ErrUnproven, ""},
		{"a code that was used", nil, nil, func(o *octo, _ *Flow, _ url.Values) { o.code = nil }, ErrUnproven, ""},
		{"no", nil, nil, func(_ *octo, _ *Flow, q url.Values) { q.Del("code"); q.Set("error", "access_denied") }, ErrDeclined, ""},
		{"nobody", nil, nil, func(o *octo, _ *Flow, _ url.Values) { o.user = map[string]any{"login": "x"} }, ErrUnproven, ""},
		{"nonsense", nil, nil, func(o *octo, _ *Flow, _ url.Values) { o.user = map[string]any{"id": "x"} }, ErrSilent, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := &octo{user: map[string]any{"id": 583231, "login": "Octo-Cat"}, orgs: []map[string]any{{"login": "corp"}},
				emails: []map[string]any{{"email": "a@other.example", "verified": false}, {"email": "a@corp.example", "verified": true}}}
			server := httptest.NewServer(o)
			defer server.Close()
			p, err := NewGitHub(ProviderConfig{ID: "github", Name: "GitHub", Issuer: server.URL, API: server.URL + "/api", ClientID: "client", Secret: "secret",
				Domains: tt.domains, Groups: tt.groups})
			if err != nil {
				t.Fatal(err)
			}
			f := NewFlow("github", "https://tokenflex.example/back", "")
			address, err := p.Start(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			u, err := url.Parse(address)
			if err != nil || !strings.HasPrefix(address, server.URL+"/login/oauth/authorize?") || u.Query().Get("state") != f.State || strings.Contains(address, "secret") {
				t.Fatalf("it begins at %s, %v", address, err)
			}
			o.code = map[string]string{"c0de": u.Query().Get("code_challenge")}
			back := url.Values{"code": {"c0de"}, "state": {f.State}}
			if tt.change != nil {
				tt.change(o, &f, back)
			}
			a, err := p.Finish(t.Context(), f, back)
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Fatalf("%v, want %v", err, tt.want)
			}
			if err != nil {
				return
			}
			if want := (Arrival{Issuer: server.URL, Subject: "583231", Handle: "octo-cat"}); a != want {
				t.Errorf("%+v, want %+v", a, want)
			}
			if got := strings.Join(o.asked, " "); got != tt.asked {
				t.Errorf("it asks for %s, want %s", got, tt.asked)
			}
		})
	}
}

func TestProvidersThatCannotBeSetUp(t *testing.T) {
	good := ProviderConfig{ID: "x", Name: "X", Issuer: "https://id.example", ClientID: "c", Secret: "s"}
	for name, change := range map[string]func(*ProviderConfig){
		"an id of capitals":    func(c *ProviderConfig) { c.ID = "X" },
		"no id":                func(c *ProviderConfig) { c.ID = "" },
		"no client":            func(c *ProviderConfig) { c.ClientID = "" },
		"no secret":            func(c *ProviderConfig) { c.Secret = "" },
		"no name":              func(c *ProviderConfig) { c.Name = " " },
		"http":                 func(c *ProviderConfig) { c.Issuer = "http://id.example" },
		"http in the network":  func(c *ProviderConfig) { c.Issuer = "http://10.0.0.1" },
		"a password":           func(c *ProviderConfig) { c.Issuer = "https://a:b@id.example" },
		"a query":              func(c *ProviderConfig) { c.Issuer = "https://id.example?x" },
		"another kind of file": func(c *ProviderConfig) { c.Issuer = "file:///etc/passwd" },
	} {
		c := good
		change(&c)
		if _, err := NewOIDC(c, nil); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := NewOIDC(good, nil); err != nil {
		t.Error(err)
	}
}
