package server

import (
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
)

const (
	sessionLife = 30 * 24 * time.Hour
	sessionIdle = 14 * 24 * time.Hour
)

// sessionCookie is the name of the session's cookie. The __Host- prefix makes browsers refuse it from anywhere but this
// very host, and needs https.
func (s *Server) sessionCookie() string {
	if s.secure {
		return "__Host-tokenflex"
	}
	return "tokenflex"
}

// session returns who is signed in; the zero Actor is a stranger.
func (s *Server) session(r *http.Request) (store.Actor, error) {
	c, err := r.Cookie(s.sessionCookie())
	if err != nil || !auth.IsSecret(c.Value) {
		return store.Actor{}, nil
	}
	who, err := s.Store.SessionActor(r.Context(), store.HashOf(c.Value), s.Now())
	if errors.Is(err, store.ErrNotFound) {
		return store.Actor{}, nil
	}
	about(r).actor = who.Handle
	return who, err
}

// signedIn is session for routes that need an account: without one it sends to the page that says how to sign in.
func (s *Server) signedIn(r *http.Request) (store.Actor, error) {
	who, err := s.session(r)
	if err == nil && who.User == 0 {
		err = &redirect{page.PathSignIn}
	}
	return who, err
}

func (s *Server) setSession(w http.ResponseWriter, secret string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{Name: s.sessionCookie(), Value: secret, Path: "/", MaxAge: int(life.Seconds()),
		Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func (s *Server) endSession(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{Name: s.sessionCookie(), Path: "/", MaxAge: -1, Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// newSession returns a session of the request's browser, opened in some way, and the secret that opens it.
func (s *Server) newSession(r *http.Request, way string) (store.Session, string) {
	secret, now := auth.NewSecret(), s.Now()
	return store.Session{Secret: store.HashOf(secret), ID: uuid.NewString(), Way: way, Agent: agent(r.UserAgent()),
		At: now, Expires: now.Add(sessionLife), Idle: sessionIdle}, secret
}
