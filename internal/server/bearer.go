package server

import (
	"errors"
	"net/http"
	"strings"

	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// bearer returns whom the request's token speaks for. Missing, unknown, revoked and expired tokens get one answer.
func (s *Server) bearer(w http.ResponseWriter, r *http.Request) (store.Actor, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || auth.CheckToken(token) != nil {
		return store.Actor{}, s.unauthorized(w, r)
	}
	who, err := s.Store.TokenActor(r.Context(), store.HashOf(token), s.Now())
	if errors.Is(err, store.ErrNotFound) {
		return store.Actor{}, s.unauthorized(w, r)
	}
	about(r).actor = who.Handle
	return who, err
}

// unauthorized counts against the address, so that tokens cannot be tried without end.
func (s *Server) unauthorized(w http.ResponseWriter, r *http.Request) error {
	if err := s.take(w, s.Limits.Anonymous, about(r).address.subject); err != nil {
		return err
	}
	return &refusal{code: wire.Unauthorized, detail: "run: tokenflexing login"}
}
