package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/netutil"
)

// quick asks for a page a few times and returns the shortest time: what the server takes, whatever else this machine does.
func quick(t *testing.T, url string) time.Duration {
	t.Helper()
	best := time.Hour
	for range 5 {
		start := time.Now()
		if code, _ := get(t, url, ""); code != http.StatusOK {
			t.Fatalf("%s: status %d", url, code)
		}
		best = min(best, time.Since(start))
	}
	return best
}

func dialed(t *testing.T, origin, send string) net.Conn {
	t.Helper()
	var d net.Dialer
	c, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(origin, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, send); err != nil {
		t.Fatal(err)
	}
	return c
}

// Five hundred sockets that send half a header, half a body, or take no answer, cost a normal request nothing. Fails where a
// connection holds a place among the requests at work before its header is whole.
func TestDribblingSockets(t *testing.T) {
	env := environment("TOKENFLEXD_DB", filepath.Join(t.TempDir(), "x.db"))
	origin, _, stop := serving(t, env, "--limit-scale", "1000")
	defer stop()
	for i := range 500 {
		switch i % 3 {
		case 0:
			dialed(t, origin, "GET / HTTP/1.1\r\nHost: tokenflex.example\r\nX-Slow: ")
		case 1:
			dialed(t, origin, "POST /device/code HTTP/1.1\r\nHost: tokenflex.example\r\n")
		case 2:
			dialed(t, origin, "GET /api/v1/pricing HTTP/1.1\r\nHost: tokenflex.example\r\n\r\n")
		}
	}
	for _, path := range []string{"/healthz", "/connect"} {
		if took := quick(t, origin+path); took > 100*time.Millisecond {
			t.Errorf("%s took %s", path, took)
		}
	}
}

// Headers beyond 16 KiB, and a few for good measure, are refused before anything reads them. Fails without MaxHeaderBytes.
func TestOversizedHeaders(t *testing.T) {
	env := environment("TOKENFLEXD_DB", filepath.Join(t.TempDir(), "x.db"))
	origin, _, stop := serving(t, env)
	defer stop()
	for size, want := range map[int]int{8 << 10: http.StatusOK, 24 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		c := dialed(t, origin, fmt.Sprintf("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: %s\r\n\r\n", strings.Repeat("a", size)))
		answer, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("a header of %d bytes: status %d, want %d", size, answer.StatusCode, want)
		}
	}
}

// Nobody holds a connection for longer than a request can take. Fails where one of the bounds is missing.
func TestTimesAreBounded(t *testing.T) {
	h := newHTTP(http.NotFoundHandler())
	for name, d := range map[string]time.Duration{"header": h.ReadHeaderTimeout, "read": h.ReadTimeout, "write": h.WriteTimeout, "idle": h.IdleTimeout} {
		if d <= 0 || d > time.Minute {
			t.Errorf("%s: %s", name, d)
		}
	}
	h.ReadHeaderTimeout = 50 * time.Millisecond
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go h.Serve(netutil.LimitListener(l, 1))
	defer h.Close()
	// One place: the second connection is served only because the first, which dribbles, is ended.
	dialed(t, "http://"+l.Addr().String(), "GET / HTTP/1.1\r\n")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+l.Addr().String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
}
