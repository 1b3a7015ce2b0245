package server

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"tokenflex.ing/internal/server/accept"
	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// refusal is an answer that says no. What it says is for anybody to read.
type refusal struct {
	code    wire.Code
	detail  string
	errors  []wire.ProblemError
	lastSeq int64
	retry   time.Duration
	allow   string // methods, for BadMethod
	limit   string // that was passed, for RateLimited
}

func (e *refusal) Error() string { return string(e.code) + ": " + e.detail }

// mostSpread bounds how far those who were told to come back are spread.
const mostSpread = 30 * time.Second

// spread is the refusal with a wait of its own: of many who are refused in the same moment, as they are by a server that has too much to
// do, not all come back in the same moment.
func (e *refusal) spread() *refusal {
	own := *e
	if own.retry > 0 {
		own.retry += rand.N(min(4*own.retry, mostSpread))
	}
	return &own
}

// problems are the status and the title of each code.
var problems = map[wire.Code]struct {
	status int
	title  string
}{
	wire.Malformed:      {http.StatusBadRequest, "The request cannot be read"},
	wire.Unauthorized:   {http.StatusUnauthorized, "The token is not known here"},
	wire.Scope:          {http.StatusForbidden, "Not allowed"},
	wire.Suspended:      {http.StatusForbidden, "The account is suspended"},
	wire.ClientOutdated: {http.StatusForbidden, "The client is too old"},
	wire.NotFound:       {http.StatusNotFound, "Not found"},
	wire.BadMethod:      {http.StatusMethodNotAllowed, "The method is not allowed"},
	wire.StaleSeq:       {http.StatusConflict, "A later upload of this device came before"},
	wire.Conflict:       {http.StatusConflict, "It cannot be had now"},
	wire.TooLarge:       {http.StatusRequestEntityTooLarge, "The upload is too large"},
	wire.MediaType:      {http.StatusUnsupportedMediaType, "The media type is not taken"},
	wire.InvalidRows:    {http.StatusUnprocessableEntity, "The upload has invalid values"},
	wire.RateLimited:    {http.StatusTooManyRequests, "Too many requests"},
	wire.Internal:       {http.StatusInternalServerError, "Internal error"},
	wire.Busy:           {http.StatusServiceUnavailable, "Busy"},
	wire.StorageFull:    {http.StatusServiceUnavailable, "The server has no room left"},
}

// refusalOf turns any error into what may be said outside. Whatever is not foreseen is an internal error.
func refusalOf(err error) *refusal {
	var (
		known     *refusal
		malformed *accept.ErrMalformed
		tooMany   *accept.ErrTooMany
		invalid   *accept.ErrInvalid
		stale     *store.ErrStale
	)
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &malformed):
		return &refusal{code: wire.Malformed, detail: malformed.Detail}
	case errors.As(err, &tooMany):
		return &refusal{code: wire.TooLarge, detail: tooMany.Error()}
	case errors.As(err, &invalid):
		return &refusal{code: wire.InvalidRows, detail: invalid.Summary() + "; nothing was stored", errors: invalid.Errors}
	case errors.As(err, &stale):
		return &refusal{code: wire.StaleSeq, detail: "send the current state with a higher seq", lastSeq: stale.Last}
	case errors.Is(err, store.ErrSuspended):
		return &refusal{code: wire.Suspended}
	case errors.Is(err, store.ErrNotFound):
		return &refusal{code: wire.NotFound}
	case errors.Is(err, store.ErrBusy), errors.Is(err, context.DeadlineExceeded):
		return &refusal{code: wire.Busy, retry: time.Second}
	}
	if errors.Is(err, store.ErrFull) {
		return &refusal{code: wire.StorageFull, detail: "nothing was stored; whoever runs the server must make room", retry: time.Minute}
	}
	return &refusal{code: wire.Internal}
}

// fail answers a request that was not done, in the form of its route's kind.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var elsewhere *redirect
	if errors.As(err, &elsewhere) {
		http.Redirect(w, r, elsewhere.to, http.StatusSeeOther)
		return
	}
	q, e := about(r), refusalOf(err)
	s.Metrics.refused(q, e)
	if e.code == wire.Internal {
		s.Log.Error("internal error", "request", q.id, "route", q.route, "error", err.Error())
	}
	if problems[e.code].status == http.StatusServiceUnavailable {
		e = e.spread()
	}
	h := w.Header()
	if e.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(seconds(e.retry)))
	}
	if e.allow != "" {
		h.Set("Allow", e.allow)
	}
	h.Del("ETag")
	h.Set("Cache-Control", "no-store")
	switch q.kind {
	case browser:
		s.failPage(w, r, e)
	case oauth:
		s.failOAuth(w, e)
	default:
		s.failProblem(w, q, e)
	}
}

func (s *Server) failProblem(w http.ResponseWriter, q *request, e *refusal) {
	p := problems[e.code]
	if e.code == wire.Unauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.status)
	json.NewEncoder(w).Encode(wire.Problem{
		Type: s.Site + page.PathProblems + string(e.code), Title: p.title, Status: p.status, Detail: e.detail, Instance: "urn:uuid:" + q.id,
		Code: e.code, Errors: e.errors, LastSeq: e.lastSeq,
	})
}

func (s *Server) failPage(w http.ResponseWriter, r *http.Request, e *refusal) {
	w.Header().Set("Content-Security-Policy", page.Policy)
	p := problems[e.code]
	if e.code == wire.NotFound {
		s.render(w, r, p.status, page.NotFound{})
		return
	}
	s.render(w, r, p.status, page.Error{Status: p.status, Request: about(r).id, Retry: e.retry})
}

// seconds rounds up, so that whoever waits as long as they are told is let in.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
