package remote

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/client/config"
	"tokenflex.ing/internal/wire"
)

const secret = "tf_live_secret"

func client(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return clientOf(t, server.URL)
}

func clientOf(t *testing.T, url string) *Client {
	t.Helper()
	site, err := config.ParseSite(url)
	if err != nil {
		t.Fatal(err)
	}
	return New(site, secret, "test")
}

// A site that points elsewhere gets nothing sent there, least of all the token.
func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the other host was asked for %s with %q", r.URL, r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		c := client(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+"/api/v1/me", status)
		})
		if _, err := c.Me(t.Context()); err == nil {
			t.Errorf("%d was followed", status)
		}
		if _, err := c.PutUsage(t.Context(), []byte("{}")); err == nil {
			t.Errorf("%d was followed with a body", status)
		}
	}
}

// The environment's proxy is another host, so it is not used.
func TestProxyOfTheEnvironmentIsNotUsed(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	c := client(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"handle":"mira"}`) })
	if me, err := c.Me(t.Context()); err != nil || me.Handle != "mira" {
		t.Errorf("me = %+v, %v", me, err)
	}
}

func TestTokenGoesIntoTheHeaderOnly(t *testing.T) {
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "Bearer "+secret {
			t.Errorf("Authorization = %q", got)
		}
		if strings.Contains(r.URL.String(), secret) {
			t.Errorf("the address holds the token: %s", r.URL)
		}
		io.WriteString(w, "{}")
	})
	if _, err := c.Me(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestErrorsNeverHoldTheToken(t *testing.T) {
	c := client(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
	_, refused := c.Me(t.Context())
	_, gone := clientOf(t, "http://127.0.0.1:1").Me(t.Context())
	for _, err := range []error{refused, gone} {
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("error %v", err)
		}
	}
	var unreachable *ErrUnreachable
	if !errors.As(gone, &unreachable) {
		t.Errorf("a closed port gives %T", gone)
	}
}

func TestAnswers(t *testing.T) {
	tests := []struct {
		name, body string
		status     int
		want       string
	}{
		{"a problem says why", `{"title":"Rows refused","detail":"2 rows are wrong","errors":[{"pointer":"/rows/0/input","detail":"is negative"}]}`, 422, "refused: 2 rows are wrong: /rows/0/input is negative"},
		{"a page is not an answer", "<html>", 200, "is it a tokenflexd?"},
		{"an error page keeps its status", "<html>", 502, "502 Bad Gateway"},
		{"an unknown token", `{}`, 401, "does not know this device"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := client(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(tt.status); io.WriteString(w, tt.body) })
			if _, err := c.Me(t.Context()); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestAwait(t *testing.T) {
	tests := []struct {
		name    string
		answers []string // one a poll; a token ends it
		want    error
		waits   []time.Duration
	}{
		{"approved at once", []string{"token"}, nil, []time.Duration{5 * time.Second}},
		{"approved later", []string{wire.ErrAuthorizationPending, "token"}, nil, []time.Duration{5 * time.Second, 5 * time.Second}},
		{"slowed down for good", []string{wire.ErrSlowDown, wire.ErrAuthorizationPending, "token"}, nil, []time.Duration{5 * time.Second, 10 * time.Second, 10 * time.Second}},
		{"denied", []string{wire.ErrAccessDenied}, ErrDenied, []time.Duration{5 * time.Second}},
		{"expired", []string{wire.ErrExpiredToken}, ErrExpired, []time.Duration{5 * time.Second}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := 0
			c := client(t, func(w http.ResponseWriter, r *http.Request) {
				answer := tt.answers[n]
				n++
				if answer == "token" {
					io.WriteString(w, `{"access_token":"tf_live_x","handle":"mira"}`)
					return
				}
				w.WriteHeader(400)
				io.WriteString(w, `{"error":"`+answer+`"}`)
			})
			var waits []time.Duration
			token, err := c.Await(t.Context(), wire.DeviceCode{DeviceCode: "d", Interval: 5}, func(_ context.Context, d time.Duration) error {
				waits = append(waits, d)
				return nil
			})
			if !errors.Is(err, tt.want) || tt.want == nil && token.Handle != "mira" {
				t.Errorf("token %+v, error %v, want %v", token, err, tt.want)
			}
			for i, d := range tt.waits {
				if i >= len(waits) || waits[i] != d {
					t.Fatalf("waited %v, want %v", waits, tt.waits)
				}
			}
		})
	}
}

func TestAwaitStopsWhenTheCallerDoes(t *testing.T) {
	c := client(t, func(http.ResponseWriter, *http.Request) { t.Error("polled after the end") })
	_, err := c.Await(t.Context(), wire.DeviceCode{DeviceCode: "d", Interval: 1}, func(context.Context, time.Duration) error { return ErrExpired })
	if !errors.Is(err, ErrExpired) {
		t.Errorf("error %v", err)
	}
}
