package server

import (
	"errors"
	"net/http"
	"net/url"
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
	q := about(r)
	if q.session != nil && r.Method == http.MethodGet { // which changes nobody's session but to redirect them
		return *q.session, nil
	}
	c, err := r.Cookie(s.sessionCookie())
	if err != nil || !auth.IsSecret(c.Value) {
		return store.Actor{}, nil
	}
	who, err := s.Store.SessionActor(r.Context(), store.HashOf(c.Value), s.Now())
	if errors.Is(err, store.ErrNotFound) {
		who, err = store.Actor{}, nil
	}
	if err != nil {
		return who, err
	}
	q.actor, q.session = who.Handle, &who
	return who, nil
}

// signedIn is session for routes that need an account: without one it sends to the page that says how to sign in.
func (s *Server) signedIn(r *http.Request) (store.Actor, error) {
	who, err := s.session(r)
	if err == nil && who.User == 0 {
		err = &redirect{page.PathSignIn}
	}
	return who, err
}

// fresh is signedIn for what is dangerous: whoever did not sign in a short while ago does it once more, and comes back to
// the page that they were on.
func (s *Server) fresh(r *http.Request, back string) (store.Actor, error) {
	who, err := s.signedIn(r)
	if err == nil && !s.isFresh(who) {
		err = again(back)
	}
	return who, err
}

func (s *Server) isFresh(who store.Actor) bool {
	return who.Session != "" && s.Now().Sub(who.Since) < store.Fresh
}

// again sends somebody to sign in once more.
func again(back string) error { return &redirect{page.PathSignIn + nextQuery(back)} }

func nextQuery(path string) string {
	if path == "" || path == page.PathBoard {
		return ""
	}
	return "?" + url.Values{"next": {path}}.Encode()
}

// enter opens a session and gives its secret to the browser. One that the browser had before ends, so that nobody who
// planted or knew it comes in with them.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, way string, open func(store.Session) (store.User, error)) error {
	before, err := s.session(r)
	if err != nil {
		return err
	}
	session, secret := s.newSession(r, way)
	user, err := open(session)
	if err != nil {
		return err
	}
	about(r).actor = user.Handle
	if before.User != 0 {
		if err := s.Store.SignOut(r.Context(), before); err != nil {
			return err
		}
	}
	s.setSession(w, secret, sessionLife)
	return nil
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

// flowCookie names the cookie that keeps what is sealed for a purpose.
func (s *Server) flowCookie(purpose string) string { return s.sessionCookie() + "-" + purpose }

// keep gives the browser v to keep for flowLife.
func (s *Server) keep(w http.ResponseWriter, purpose string, v any) error {
	text, err := auth.Seal(s.key, purpose, v, s.Now().Add(flowLife))
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{Name: s.flowCookie(purpose), Value: text, Path: "/", MaxAge: int(flowLife.Seconds()),
		Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return nil
}

// peek reads what the browser was given to keep.
func (s *Server) peek(r *http.Request, purpose string, v any) error {
	c, err := r.Cookie(s.flowCookie(purpose))
	if err != nil {
		return auth.ErrSeal
	}
	return auth.Open(s.key, purpose, c.Value, s.Now(), v)
}

// kept is peek, and takes it away.
func (s *Server) kept(w http.ResponseWriter, r *http.Request, purpose string, v any) error {
	s.forget(w, purpose)
	return s.peek(r, purpose, v)
}

func (s *Server) forget(w http.ResponseWriter, purpose string) {
	http.SetCookie(w, &http.Cookie{Name: s.flowCookie(purpose), Path: "/", MaxAge: -1, Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}
