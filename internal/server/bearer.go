package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// bearer returns whom the request's token speaks for. Missing, unknown, revoked and expired tokens get one answer.
func (s *Server) bearer(w http.ResponseWriter, r *http.Request) (store.Actor, error) {
	return s.bearerBy(w, r, s.Store.TokenActor)
}

// bearerBy is bearer by what the store says of a token.
func (s *Server) bearerBy(w http.ResponseWriter, r *http.Request, ask func(context.Context, store.Hash, time.Time) (store.Actor, error)) (store.Actor, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if len(r.Header.Values("Authorization")) > 1 { // a proxy may have looked at another one of them
		return store.Actor{}, s.unauthorized(w, r)
	}
	if !strings.EqualFold(scheme, "Bearer") || auth.CheckToken(token) != nil {
		return store.Actor{}, s.unauthorized(w, r)
	}
	who, err := ask(r.Context(), store.HashOf(token), s.Now())
	if errors.Is(err, store.ErrNotFound) {
		return store.Actor{}, s.unauthorized(w, r)
	}
	about(r).actor = who.Handle
	return who, err
}

// unauthorized counts against the address, so that tokens cannot be tried without end.
func (s *Server) unauthorized(w http.ResponseWriter, r *http.Request) error {
	if err := s.take(w, r, s.Limits.Anonymous, about(r).address.subject); err != nil {
		return err
	}
	return &refusal{code: wire.Unauthorized, detail: "run: tokenflexing login"}
}

// readScope returns the scopes that somebody asks for, in their own order and no other; none: what a device needs.
func readScope(asked string) (string, bool) {
	switch strings.Join(slices.Sorted(slices.Values(strings.Fields(asked))), " ") {
	case "", wire.ScopeUsageWrite:
		return wire.ScopeUsageWrite, true
	case wire.ScopeProfileRead:
		return wire.ScopeProfileRead, true
	case wire.ScopeProfileRead + " " + wire.ScopeUsageWrite:
		return wire.ScopeUsageWrite + " " + wire.ScopeProfileRead, true
	case wire.ScopeAccount:
		return wire.ScopeAccount, true
	}
	return "", false
}

// needScope refuses a token that was made for less. A session may do everything.
func needScope(who store.Actor, any ...string) error {
	if who.Session != "" || slices.ContainsFunc(strings.Fields(who.Scope), func(has string) bool { return slices.Contains(any, has) }) {
		return nil
	}
	return &refusal{code: wire.Scope, detail: "the token's scope is " + who.Scope + "; this needs " + strings.Join(any, " or ")}
}

// owner returns who asks for what is their own: the holder of a token, or without one whoever is signed in.
func (s *Server) owner(w http.ResponseWriter, r *http.Request) (store.Actor, error) {
	if r.Header.Get("Authorization") != "" {
		who, err := s.bearer(w, r)
		if err == nil {
			err = s.take(w, r, s.Limits.Token, who.TokenID)
		}
		return who, err
	}
	who, err := s.session(r)
	if err != nil {
		return who, err
	}
	if who.User == 0 {
		return who, s.unauthorized(w, r)
	}
	return who, s.take(w, r, s.Limits.Token, who.Session)
}

// limited ends a new token when the host wants it to end at the latest.
func (s *Server) limited(n store.NewToken) store.NewToken {
	if s.TokenMaxAge == 0 {
		return n
	}
	if end := n.At.Add(s.TokenMaxAge); n.Expires.IsZero() || end.Before(n.Expires) {
		n.Expires = time.Unix(end.Unix(), 0).UTC()
	}
	return n
}
