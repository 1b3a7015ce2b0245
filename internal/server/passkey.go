package server

import (
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// askPasskey returns what a page asks authenticators, to sign in.
func (s *Server) askPasskey() (*page.PasskeyAsk, error) {
	options, f, err := s.ways.passkeys.Ask()
	if err != nil {
		return nil, err
	}
	return s.sealAsk(options, f)
}

func (s *Server) sealAsk(options string, f *auth.PasskeyFlow) (*page.PasskeyAsk, error) {
	flow, err := auth.Seal(s.key, sealPasskey, f, s.Now().Add(flowLife))
	return &page.PasskeyAsk{Options: options, Flow: flow}, err
}

// answered reads what an authenticator answered, and uses the question up.
func (s *Server) answered(r *http.Request) (auth.PasskeyFlow, string, error) {
	var f auth.PasskeyFlow
	err := auth.Open(s.key, sealPasskey, r.PostForm.Get("flow"), s.Now(), &f)
	if err == nil {
		err = s.Store.Spend(r.Context(), store.HashOf(f.Challenge), s.Now().Add(flowLife), s.Now())
	}
	return f, r.PostForm.Get("answer"), err
}

// signInPasskey signs in by a passkey.
func (s *Server) signInPasskey(w http.ResponseWriter, r *http.Request) error {
	if s.ways.passkeys == nil {
		return &refusal{code: wire.NotFound}
	}
	if err := readForm(w, r); err != nil {
		return err
	}
	if err := s.mayTry(w, r); err != nil {
		return err
	}
	f, answer, err := s.answered(r)
	var k store.Passkey
	if err == nil {
		k, err = s.ways.passkeys.Check(f, answer, func(credential []byte) (store.Passkey, error) { return s.Store.Passkey(r.Context(), credential) })
	}
	if err == nil {
		err = s.enter(w, r, "passkey", func(n store.Session) (store.User, error) { return s.Store.SignInByPasskey(r.Context(), k, n) })
	}
	switch {
	case errors.Is(err, store.ErrSuspended):
		return s.showRefused(w, r, page.SignInRefused{Provider: passkeyName, Reason: page.RefusedSuspended})
	case err != nil:
		return s.refuseSignIn(w, r, passkeyName, err)
	}
	return &redirect{onwards(r.PostForm.Get("next"))}
}

const passkeyName = "Passkey"

// addPasskey adds the passkey that an authenticator has just made for the reader.
func (s *Server) addPasskey(w http.ResponseWriter, r *http.Request) error {
	if s.ways.passkeys == nil {
		return &refusal{code: wire.NotFound}
	}
	who, err := s.fresh(r, page.PathSettings+"#ways")
	if err != nil {
		return err
	}
	if err := readForm(w, r); err != nil {
		return err
	}
	name := strings.TrimSpace(r.PostForm.Get("name"))
	if !ValidDeviceName(name) {
		return &redirect{page.PathSettings + "?wrong=name#ways"}
	}
	f, answer, err := s.answered(r)
	var k store.Passkey
	if err == nil {
		k, err = s.ways.passkeys.New(who.User, who.Handle, f, answer)
	}
	if err != nil {
		return s.refuseSignIn(w, r, passkeyName, err)
	}
	k.ID, k.Name, k.CreatedAt = uuid.NewString(), name, s.Now()
	err = s.Store.AddPasskey(r.Context(), who, k)
	switch {
	case errors.Is(err, store.ErrTaken), errors.Is(err, store.ErrTooMany):
		return &redirect{page.PathSettings + "?wrong=ways#ways"}
	case err != nil:
		return err
	}
	return &redirect{page.PathSettings + "?done=passkey#ways"}
}

// removeWay takes away a passkey, or the right of somebody elsewhere to open the account.
func (s *Server) removeWay(w http.ResponseWriter, r *http.Request) error {
	who, err := s.fresh(r, page.PathSettings+"#ways")
	if err != nil {
		return err
	}
	err = s.Store.RemoveWay(r.Context(), who, r.PathValue("id"), s.ways.issuers(s.ProxyUser), s.ways.passkeys != nil, s.Now())
	if errors.Is(err, store.ErrLast) {
		return &redirect{page.PathSettings + "?wrong=last#ways"}
	}
	if err != nil {
		return err
	}
	return &redirect{page.PathSettings + "?done=removed#ways"}
}
