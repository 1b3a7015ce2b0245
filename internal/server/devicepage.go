package server

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// devicePage asks for the code that a terminal shows. A code in the address only fills the field.
func (s *Server) devicePage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.session(r)
	if err != nil {
		return err
	}
	code := ""
	if typed, ok := auth.ReadUserCode(r.URL.Query().Get("user_code")); ok {
		code = auth.ShowUserCode(typed)
	}
	if who.User == 0 {
		return s.showSignIn(w, r, page.SignIn{Code: code, Next: devicePath(code)})
	}
	return s.show(w, r, page.DeviceCode{Code: code})
}

// devicePath is where somebody goes on to who signs in with a code in hand.
func devicePath(code string) string {
	if code == "" {
		return page.PathDevice
	}
	return page.PathDevice + "?" + url.Values{"user_code": {code}}.Encode()
}

// deviceLookup shows who is asking, for comparison with the terminal.
func (s *Server) deviceLookup(w http.ResponseWriter, r *http.Request) error {
	_, g, code, err := s.typedGrant(w, r)
	if err != nil || code == "" {
		return err
	}
	return s.show(w, r, page.DeviceCompare{Code: code, Device: g.Name, System: g.OS, Client: g.Client, Asked: g.At, Expires: g.Expires,
		Account: g.Scope == wire.ScopeAccount, Reads: strings.Contains(g.Scope, wire.ScopeProfileRead), SameNetwork: g.Network == s.pseudonym(about(r).address.network)})
}

// deviceDecide lets the device in or turns it away.
func (s *Server) deviceDecide(w http.ResponseWriter, r *http.Request) error {
	who, g, code, err := s.typedGrant(w, r)
	if err != nil || code == "" {
		return err
	}
	approve := r.PostForm.Get("decision") == "approve"
	if !approve && r.PostForm.Get("decision") != "deny" {
		return wrong("decision", "is approve or deny")
	}
	if approve && g.Scope == wire.ScopeAccount && !s.isFresh(who) {
		return again(devicePath(code))
	}
	err = s.Store.DecideGrant(r.Context(), who, g.UserCode, approve, s.Now())
	if errors.Is(err, store.ErrNotFound) {
		s.render(w, r, http.StatusUnprocessableEntity, page.DeviceCode{Error: page.CodeExpired})
		return nil
	}
	if err != nil {
		return err
	}
	if !approve {
		return s.show(w, r, page.DeviceDenied{Device: g.Name})
	}
	return s.show(w, r, page.DeviceDone{Code: code, Device: g.Name, Visibility: page.Visibility(who.Visibility.String())})
}

// deviceDisown takes back an approval, and the token that it gave.
func (s *Server) deviceDisown(w http.ResponseWriter, r *http.Request) error {
	who, err := s.change(w, r)
	if err != nil {
		return err
	}
	code, ok := auth.ReadUserCode(r.PostForm.Get("user_code"))
	if !ok {
		return wrong("user_code", "is eight or ten letters")
	}
	if err := s.Store.DisownGrant(r.Context(), who, auth.HashUserCode(s.key, code), s.Now()); err != nil {
		return err
	}
	return s.show(w, r, page.DeviceDenied{Device: "The device"})
}

// typedGrant returns the grant of the code in the form. With an empty code and no error it has already answered.
func (s *Server) typedGrant(w http.ResponseWriter, r *http.Request) (store.Actor, store.Grant, string, error) {
	who, err := s.session(r)
	if err != nil {
		return who, store.Grant{}, "", err
	}
	if err := readForm(w, r); err != nil {
		return who, store.Grant{}, "", err
	}
	typed := r.PostForm.Get("user_code")
	code, ok := auth.ReadUserCode(typed)
	if who.User == 0 {
		return who, store.Grant{}, "", s.showSignIn(w, r, page.SignIn{Code: showIf(ok, code), Next: devicePath(showIf(ok, code))})
	}
	// One at a time, or of many guesses at once each would be looked up before the first is counted.
	if err := s.lookups.Take(r.Context()); err != nil {
		return who, store.Grant{}, "", err
	}
	defer s.lookups.Leave()
	if s.locked(w, r, who) {
		return who, store.Grant{}, "", nil
	}
	g := store.Grant{}
	err = store.ErrNotFound
	if ok {
		g, err = s.Store.Grant(r.Context(), auth.HashUserCode(s.key, code), s.Now())
	}
	if errors.Is(err, store.ErrNotFound) {
		s.wrongCode(w, r, who, showIf(ok, code))
		return who, g, "", nil
	}
	return who, g, auth.ShowUserCode(code), err
}

func showIf(ok bool, code string) string {
	if !ok {
		return ""
	}
	return auth.ShowUserCode(code)
}

// locked answers for an account, or an address, that has tried too many wrong codes.
func (s *Server) locked(w http.ResponseWriter, r *http.Request, who store.Actor) bool {
	own, here := s.spentFor(r, s.Limits.WrongCode, who.Handle), s.spentFor(r, s.Limits.Lookup, about(r).address.subject)
	if own == 0 && here == 0 {
		return false
	}
	limit := s.Limits.WrongCode
	if here > own {
		limit = s.Limits.Lookup
	}
	s.lockedFor(w, r, limit, max(own, here))
	return true
}

func (s *Server) lockedFor(w http.ResponseWriter, r *http.Request, limit Limit, wait time.Duration) {
	_ = limited(w, limit, wait) // the page says it in its own words
	w.Header().Set("Retry-After", strconv.Itoa(seconds(wait)))
	s.render(w, r, http.StatusTooManyRequests, page.DeviceCode{Error: page.CodeLocked, Wait: wait})
}

// everybody is the subject of a limit that all share.
const everybody = ""

// wrongCode counts a code that is not waiting. Mistyped, expired, used and never given out look alike.
func (s *Server) wrongCode(w http.ResponseWriter, r *http.Request, who store.Actor, code string) {
	ctx, now := r.Context(), s.Now()
	here, err1 := s.limiter.take(ctx, s.Limits.Lookup, about(r).address.subject, 1, now)
	left, err2 := s.limiter.take(ctx, s.Limits.WrongCode, who.Handle, 1, now)
	_, err3 := s.limiter.take(ctx, s.Limits.AllCodes, everybody, 1, now) // refuses nobody: new codes are longer while it is spent
	switch err := errors.Join(err1, err2, err3); {                       // a guess that is not counted is not answered
	case err != nil:
		s.fail(w, r, err)
		return
	case left.Wait > 0: // another server has counted one meanwhile
		s.lockedFor(w, r, s.Limits.WrongCode, left.Wait)
		return
	case here.Wait > 0:
		s.lockedFor(w, r, s.Limits.Lookup, here.Wait)
		return
	}
	s.render(w, r, http.StatusUnprocessableEntity, page.DeviceCode{Code: code, Error: page.CodeUnknown, Tries: left.Left})
}
