package server

import (
	"errors"
	"net/http"

	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
)

// signInPage says how to sign in. With a path to go on to, it also asks somebody who is signed in to prove it once more.
func (s *Server) signInPage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.session(r)
	if err != nil {
		return err
	}
	next := localPath(r.URL.Query().Get("next"))
	if who.User != 0 && (next == page.PathBoard || s.isFresh(who)) {
		return &redirect{onwards(next)}
	}
	return s.showSignIn(w, r, page.SignIn{Again: who.Handle, Next: next})
}

// showSignIn fills in the ways that this server has.
func (s *Server) showSignIn(w http.ResponseWriter, r *http.Request, v page.SignIn) error {
	w.Header().Set("Cache-Control", "no-store")
	v.User = s.proxyUser(r)
	v.Ways = s.offers()
	if s.ways.passkeys != nil {
		ask, err := s.askPasskey()
		if err != nil {
			return err
		}
		v.Passkey = ask
	}
	return s.show(w, r, v)
}

// signInLinkPage asks before it signs in: programs that follow links in mail and chat must not use them up.
func (s *Server) signInLinkPage(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	secret := r.PathValue("secret")
	if !auth.IsSecret(secret) {
		return s.spent(w, r)
	}
	i, err := s.Store.Invite(r.Context(), store.HashOf(secret), s.Now())
	if errors.Is(err, store.ErrSpent) {
		return s.spent(w, r)
	}
	if err != nil {
		return err
	}
	return s.show(w, r, page.SignInLink{Handle: i.User.Handle, New: i.New, Expires: i.ExpiresAt})
}

func (s *Server) spent(w http.ResponseWriter, r *http.Request) error {
	s.render(w, r, http.StatusGone, page.SignInSpent{})
	return nil
}

// signIn uses the link up and opens a session of its own; one that the browser had before ends.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) error {
	if err := s.take(w, r, s.Limits.SignIn, about(r).address.subject); err != nil {
		return err
	}
	link := r.PathValue("secret")
	if !auth.IsSecret(link) {
		return s.spent(w, r)
	}
	err := s.enter(w, r, "link", func(n store.Session) (store.User, error) { return s.Store.SignIn(r.Context(), store.HashOf(link), n) })
	if errors.Is(err, store.ErrSpent) {
		return s.spent(w, r)
	}
	if err != nil {
		return err
	}
	return &redirect{page.PathSettings}
}

// signOut ends the browser's session.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	who, err := s.session(r)
	if err != nil {
		return err
	}
	if who.User != 0 {
		if err := s.Store.SignOut(r.Context(), who); err != nil {
			return err
		}
	}
	s.endSession(w)
	r.Header.Del("Cookie") // the page is already a stranger's
	return s.show(w, r, page.SignedOut{})
}
