package main

import (
	"net/http"
	"strings"
	"testing"

	"tokenflex.ing/internal/server/auth/oidctest"
)

// A server that is told of issuers offers them, and sends people there; a secret comes from a file and goes nowhere.
func TestServeWithIssuers(t *testing.T) {
	dir := t.TempDir()
	idp := oidctest.Start(t, "http://unused.example")
	secret := write(t, dir, "secret", oidctest.Secret+"\n")
	more := write(t, dir, "issuers.toml", "[[oidc]]\nid = \"second\"\nname = \"The Second\"\nissuer = \""+idp.URL+"\"\nclient-id = \"x\"\nclient-secret-file = \"secret\"\ndomains = [\"corp.example\"]\n")
	env := environment("STATE_DIRECTORY", dir, "TOKENFLEXD_OIDC_ISSUER", idp.URL, "TOKENFLEXD_OIDC_CLIENT_ID", oidctest.ClientID,
		"TOKENFLEXD_OIDC_CLIENT_SECRET_FILE", secret, "TOKENFLEXD_SIGN_IN_FILE", more, "TOKENFLEXD_GITHUB_CLIENT_ID", "gh", "TOKENFLEXD_GITHUB_CLIENT_SECRET_FILE", secret)
	origin, log, stop := serving(t, env, "--oidc-name", "The First", "--signup", "allowlist", "--site", "https://board.example")
	defer stop()
	status, body := get(t, origin+"/signin", "")
	for _, want := range []string{"The First", "The Second", "GitHub", "/signin/with/oidc", "data-passkey"} {
		if status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("the page has no %s: %d", want, status)
		}
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get(origin + "/signin/with/oidc")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if to := answer.Header.Get("Location"); !strings.HasPrefix(to, idp.URL) || !strings.Contains(to, "code_challenge_method=S256") || strings.Contains(to, oidctest.Secret) {
		t.Errorf("goes on to %s", to)
	}
	code, out, errOut := command(t, env, "config", "dump")
	if code != 0 || strings.Contains(out+errOut+log.String(), oidctest.Secret) {
		t.Errorf("exit %d: %s%s", code, out, errOut)
	}
}

func TestSignInsThatAreRefused(t *testing.T) {
	dir := t.TempDir()
	env := environment("STATE_DIRECTORY", dir)
	issuers := func(text string) string { return write(t, t.TempDir(), "issuers.toml", text) }
	for _, tt := range []struct {
		name string
		args []string
		says string
	}{
		{"a policy nobody knows", []string{"--signup", "everybody"}, "allowlist"},
		{"no secret", []string{"--oidc-issuer", "https://id.example", "--oidc-client-id", "x"}, "secret"},
		{"http", []string{"--oidc-issuer", "http://id.example", "--oidc-client-id", "x", "--oidc-client-secret", "x"}, "https"},
		{"a header of everybody", []string{"--user-header", "Remote-User", "--user-header-from", "0.0.0.0/0"}, "everybody"},
		{"a header of nobody", []string{"--user-header", "Remote-User"}, "--user-header-from"},
		{"a header from a name", []string{"--user-header", "Remote-User", "--user-header-from", "proxy"}, "proxy"},
		{"a short secret", []string{"--identity-secret", "hunter2"}, "32"},
		{"tokens of a minute", []string{"--token-max-age", "1m"}, "hour"},
		{"a contact that is none", []string{"--contact", "me"}, "mailto:"},
		{"a file that is not there", []string{"--sign-in-file", "/nowhere"}, "/nowhere"},
		{"a list that is misspelled", []string{"--sign-in-file", issuers("[[oidc]]\nid = \"x\"\ndomain = [\"a.example\"]\n")}, "line 3"},
		{"two of one id", []string{"--sign-in-file", issuers("[[oidc]]\nid = \"oidc\"\nissuer = \"https://b.example\"\nclient-id = \"x\"\nclient-secret-file = \"" +
			write(t, dir, "s", "s") + "\"\n"), "--oidc-issuer", "https://id.example", "--oidc-client-id", "x", "--oidc-client-secret", "x"}, "two sign-ins"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, out, errOut := command(t, env, append([]string{"serve", "--listen", "127.0.0.1:0"}, tt.args...)...)
			if code == 0 || !strings.Contains(errOut, tt.says) || strings.Contains(out, "listening") {
				t.Errorf("exit %d: %q %q", code, out, errOut)
			}
		})
	}
}
