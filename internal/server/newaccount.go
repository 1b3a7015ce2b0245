package server

import (
	"errors"
	"net/http"

	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
)

// arrival is somebody who came by a provider and has no account yet. Their browser keeps it, sealed.
type arrival struct {
	From auth.About
	Who  auth.Arrival
	Next string
}

// newAccountPage asks somebody who came by a provider for a handle.
func (s *Server) newAccountPage(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	var a arrival
	if err := s.peek(r, sealArrival, &a); err != nil {
		return &redirect{page.PathSignIn}
	}
	suggested := a.Who.Handle
	if reserved(suggested) {
		suggested = ""
	}
	return s.show(w, r, page.NewAccount{Provider: a.From.Name, Handle: suggested})
}

// signUp makes the account.
func (s *Server) signUp(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	if err := s.take(w, r, s.Limits.SignIn, about(r).address.subject); err != nil {
		return err
	}
	var a arrival
	if err := s.peek(r, sealArrival, &a); err != nil {
		return &redirect{page.PathSignIn}
	}
	if !s.admitsNew(a.From) { // the policy changed meanwhile
		return s.showRefused(w, r, page.SignInRefused{Provider: a.From.Name, Reason: page.RefusedClosed})
	}
	handle := r.PostForm.Get("handle")
	v := page.NewAccount{Provider: a.From.Name, Handle: handle}
	if !store.ValidHandle(handle) {
		v.Error = page.HandleInvalid
	} else if reserved(handle) {
		v.Error = page.HandleTaken
	}
	if v.Error == page.HandleFine {
		err := s.enter(w, r, a.From.ID, func(n store.Session) (store.User, error) {
			return s.Store.SignUp(r.Context(), handle, s.identity(a.Who), n)
		})
		switch {
		case errors.Is(err, store.ErrTaken):
			v.Error = page.HandleTaken
		case errors.Is(err, store.ErrSpent): // they have one: made in another tab
			return &redirect{page.PathSignIn}
		case err != nil:
			return err
		default:
			s.forget(w, sealArrival)
			return &redirect{onwards(a.Next)}
		}
	}
	s.render(w, r, http.StatusUnprocessableEntity, v)
	return nil
}
