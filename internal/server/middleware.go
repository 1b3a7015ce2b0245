package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// request is what the middleware knows of a request.
type request struct {
	id      string
	route   string // its pattern; "" if there is none
	kind    kind
	address address
	actor   string       // handle, for the log
	session *store.Actor // once it was looked up
}

type requestKey struct{}

// patience is how long a request waits for the store's connections in all, before it is told that the server is busy.
const patience = 2 * time.Second

func about(r *http.Request) *request {
	if q, ok := r.Context().Value(requestKey{}).(*request); ok {
		return q
	}
	return &request{}
}

// middleware gives every request an id, a log line, the headers that hold for all answers, and an answer even if its
// handler panics.
func (s *Server) middleware(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.Now()
		q := &request{id: uuid.NewString(), kind: kindOf(r), address: s.addressOf(r)}
		r = r.WithContext(context.WithValue(store.WithPatience(r.Context(), patience), requestKey{}, q))
		answer := &recorder{ResponseWriter: w}
		s.commonHeaders(answer.Header(), q)
		defer func() {
			if p := recover(); p != nil {
				s.Log.Error("panic", "request", q.id, "route", q.route, "panic", p, "stack", string(debug.Stack()))
				s.fail(answer, r, errors.New("panic"))
			}
			took := s.Now().Sub(start)
			s.logRequest(r, q, answer.status, took)
			s.Metrics.answered(q.route, answer.status, took)
		}()
		if !utf8.ValidString(r.URL.Path) || strings.ContainsRune(r.URL.Path, 0) { // no database compares it with anything
			s.lost(answer, r, &refusal{code: wire.NotFound})
			return
		}
		handler, pattern := mux.Handler(r)
		q.route = pattern
		if pattern == "" {
			s.lost(answer, r, unrouted(handler, r))
			return
		}
		if strings.Contains(pattern, "{") || r.RequestURI == "*" { // the mux says what the parts of a path are
			handler = mux
		}
		handler.ServeHTTP(answer, r)
	})
}

// kindOf guesses the kind of a request that no route has taken yet.
func kindOf(r *http.Request) kind {
	switch path := r.URL.Path; {
	case path == wire.PathDeviceCode, path == wire.PathDeviceToken, path == wire.PathRevoke:
		return oauth
	case strings.HasPrefix(path, "/api/"), strings.HasPrefix(path, "/.well-known/"):
		return public
	case strings.HasPrefix(path, page.PathBadge), strings.HasPrefix(path, page.PathCard):
		return picture
	}
	return browser
}

func (s *Server) commonHeaders(h http.Header, q *request) {
	if s.closing.Load() {
		h.Set("Connection", "close")
	}
	h.Set("X-Request-Id", q.id)
	for _, each := range commonHeaders {
		h[each.name] = each.values
	}
	if s.secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// commonHeaders are the same of every answer, unless its route has others. Their values are set anew and never written over.
var commonHeaders = [...]struct {
	name   string // as net/http writes it
	values []string
}{
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"Referrer-Policy", []string{"same-origin"}},
	{"Cross-Origin-Resource-Policy", []string{"same-origin"}},
	{"Content-Security-Policy", []string{"default-src 'none'; frame-ancestors 'none'"}},
}

// logRequest writes one line without a body, a query, a header, a path that may hold a secret, or a whole address.
func (s *Server) logRequest(r *http.Request, q *request, status int, took time.Duration) {
	s.Log.LogAttrs(context.Background(), slog.LevelInfo, "request", slog.String("request", q.id), slog.String("method", method(r)), slog.String("route", q.route),
		slog.Int("status", status), slog.Int64("ms", took.Milliseconds()), slog.String("from", q.address.network), slog.String("handle", q.actor))
}

func method(r *http.Request) string {
	if len(r.Method) > 16 {
		return "?"
	}
	return r.Method
}

// lost answers a request that no route took. It counts like any other: printing where nothing is costs as much as a page, and whoever
// is signed in is looked up for it.
func (s *Server) lost(w http.ResponseWriter, r *http.Request, why error) {
	if err := s.take(w, r, s.Limits.Anonymous, about(r).address.subject); err != nil {
		why = err
	}
	s.fail(w, r, why)
}

// unrouted says why no route took the request: the mux knows whether the path has another method.
func unrouted(handler http.Handler, r *http.Request) error {
	var probe recorder
	probe.ResponseWriter = &discard{header: make(http.Header)}
	handler.ServeHTTP(&probe, r)
	switch {
	case probe.status == http.StatusMethodNotAllowed:
		return &refusal{code: wire.BadMethod, detail: "the path takes " + probe.Header().Get("Allow"), allow: probe.Header().Get("Allow")}
	case probe.status >= 300 && probe.status < 400:
		return &redirect{probe.Header().Get("Location")}
	}
	return &refusal{code: wire.NotFound}
}

// redirect sends to a path of this site.
type redirect struct{ to string }

func (e *redirect) Error() string { return "redirect" }

// serve wraps a route's handler with what its kind demands.
func (s *Server) serve(rt route) http.Handler {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := about(r)
		q.kind = rt.kind
		if err := s.admit(w, r, rt); err != nil {
			s.fail(w, r, err)
			return
		}
		defer s.limiter.leave()
		if err := rt.handle(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
	if rt.kind != browser && rt.kind != owner {
		return h
	}
	cross := http.NewCrossOriginProtection()
	if err := cross.AddTrustedOrigin(s.Site); err != nil {
		panic(err) // New has checked the site
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, &refusal{code: wire.Scope, detail: "the form came from another site"})
	}))
	return cross.Handler(h)
}

// admit applies headers, limits and the list of parameters. A request that it lets in must leave again.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, rt route) error {
	h := w.Header()
	switch rt.kind {
	case public:
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	case picture:
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		h.Set("Content-Security-Policy", picturePolicy)
	case bearer, owner:
		h.Set("Cache-Control", "no-store")
	case oauth:
		h.Set("Cache-Control", "no-store")
		h.Set("Pragma", "no-cache") // RFC 6749, 5.1, wants both
	case browser:
		h.Set("Content-Security-Policy", page.Policy)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "private, no-cache")
		h.Set("Vary", "Cookie")
	}
	if rt.params != nil {
		query, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil { // r.URL.Query would leave out what it cannot read
			return &refusal{code: wire.Malformed, detail: "the query cannot be read"}
		}
		for name, values := range query {
			if !slices.Contains(rt.params, name) || len(values) > 1 {
				return &refusal{code: wire.Malformed, detail: "unknown or repeated query parameter"}
			}
		}
	}
	switch rt.kind {
	case public, browser:
		if err := s.take(w, r, s.Limits.Anonymous, about(r).address.subject); err != nil {
			return err
		}
	case picture:
		if err := s.take(w, r, s.Limits.Picture, about(r).address.subject); err != nil {
			return err
		}
	}
	if !s.limiter.enter(rt.kind) {
		return &refusal{code: wire.Busy, detail: "too many requests at once", retry: time.Second}
	}
	return nil
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// discard is an answer that nobody gets.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}
