package server

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/google/uuid"
	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// ProxyUser is a proxy in front that knows who people are, and says it in a header. Nobody else's header is read.
type ProxyUser struct {
	Header string // such as Remote-User; empty: there is none
	Name   string // of the sign-in, for people
	From   []netip.Prefix
	Listed bool // whom it lets through may have accounts under the policy for lists
}

// ways are the ways to sign in but for links.
type ways struct {
	providers []auth.Provider
	passkeys  *auth.Passkeys // nil: off
	key       []byte         // of identities
}

// The purposes of what is sealed for the browser, and how long it keeps it.
const (
	sealFlow    = "flow"
	sealArrival = "arrival"
	sealLink    = "link"
	sealPasskey = "passkey"
	flowLife    = 10 * time.Minute
	proxyIssuer = "proxy"
)

func (s *Server) newWays() (ways, error) {
	w := ways{providers: s.Providers}
	site, err := url.Parse(s.Site)
	if err != nil {
		return w, err
	}
	seen := make(map[string]bool)
	for _, p := range s.Providers {
		if id := p.About().ID; seen[id] {
			return w, fmt.Errorf("two sign-ins have the id %s", id)
		} else {
			seen[id] = true
		}
	}
	if w.key, err = hkdf.Key(sha256.New, s.key, []byte(s.IdentitySecret), "tokenflex identities", sha256.Size); err != nil {
		return w, err
	}
	_, named := netip.ParseAddr(site.Hostname())
	if !s.Passkeys || named == nil { // an authenticator knows sites by name alone
		return w, nil
	}
	w.passkeys, err = auth.NewPasskeys(site.Hostname(), s.Site, s.key)
	return w, err
}

// issuers are those that people can sign in by.
func (w ways) issuers(proxy ProxyUser) []string {
	var all []string
	for _, p := range w.providers {
		all = append(all, p.About().Issuer)
	}
	if proxy.Header != "" {
		all = append(all, proxyIssuer)
	}
	return all
}

func (s *Server) provider(r *http.Request) (auth.Provider, error) {
	for _, p := range s.ways.providers {
		if p.About().ID == r.PathValue("provider") {
			return p, nil
		}
	}
	return nil, &refusal{code: wire.NotFound}
}

// offers are the providers, as pages name them.
func (s *Server) offers() []page.Way {
	var all []page.Way
	for _, p := range s.ways.providers {
		all = append(all, page.Way{ID: p.About().ID, Name: p.About().Name})
	}
	return all
}

// linkTicket lets a session begin to link an identity. It is in the link that settings shows, so that nobody can send a
// browser there from elsewhere.
type linkTicket struct {
	User    int64
	Session store.Hash
}

// leave sends the browser to a provider.
func (s *Server) leave(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	p, err := s.provider(r)
	if err != nil {
		return err
	}
	who, err := s.session(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	if from := r.Header.Get("Sec-Fetch-Site"); from == "cross-site" || from == "same-site" {
		return &redirect{page.PathSignIn + nextQuery(localPath(q.Get("next")))} // nobody else decides who is signed in here
	}
	f := auth.NewFlow(p.About().ID, s.back(p), localPath(q.Get("next")))
	f.Again = who.User != 0
	if q.Has("link") {
		var t linkTicket
		if auth.Open(s.key, sealLink, q.Get("link"), s.Now(), &t) != nil || t.User != who.User || t.Session != who.Key || !s.isFresh(who) {
			return again(page.PathSettings + "#ways")
		}
		f.Link, f.Next = who.User, page.PathSettings
	}
	address, err := p.Start(r.Context(), f)
	if err != nil {
		return s.refuseSignIn(w, r, p.About().Name, err)
	}
	if err := s.keep(w, sealFlow, f); err != nil {
		return err
	}
	return &redirect{address}
}

// back is where a provider sends the browser.
func (s *Server) back(p auth.Provider) string {
	return s.Site + page.PathSignInWith + p.About().ID + page.PathBack
}

// comeBack takes a browser that a provider sent back. The flow that it left with is used up, whatever becomes of it.
func (s *Server) comeBack(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	p, err := s.provider(r)
	if err != nil {
		return err
	}
	if err := s.mayTry(w, r); err != nil {
		return err
	}
	var f auth.Flow
	err = s.kept(w, r, sealFlow, &f)
	if err == nil && (f.Provider != p.About().ID || f.Redirect != s.back(p)) {
		err = fmt.Errorf("%w: it left for another provider", auth.ErrUnproven)
	}
	if err == nil {
		err = s.Store.Spend(r.Context(), store.HashOf(f.State), s.Now().Add(flowLife), s.Now())
	}
	var a auth.Arrival
	if err == nil {
		a, err = p.Finish(r.Context(), f, r.URL.Query())
	}
	if err != nil {
		return s.refuseSignIn(w, r, p.About().Name, err)
	}
	if f.Link != 0 {
		return s.link(r, f, a)
	}
	return s.arrive(w, r, p.About(), a, f.Next)
}

// link lets the identity open the account that began the flow.
func (s *Server) link(r *http.Request, f auth.Flow, a auth.Arrival) error {
	who, err := s.session(r)
	if err != nil {
		return err
	}
	if who.User != f.Link || !s.isFresh(who) {
		return again(page.PathSettings + "#ways")
	}
	err = s.Store.LinkIdentity(r.Context(), who, s.identity(a), s.Now())
	switch {
	case errors.Is(err, store.ErrTaken):
		return &redirect{page.PathSettings + "?wrong=linked#ways"}
	case errors.Is(err, store.ErrTooMany):
		return &redirect{page.PathSettings + "?wrong=ways#ways"}
	case err != nil:
		return err
	}
	return &redirect{page.PathSettings + "?done=linked#ways"}
}

func (s *Server) identity(a auth.Arrival) store.Identity {
	return store.Identity{Key: a.Key(s.ways.key), ID: uuid.NewString(), Issuer: a.Issuer}
}

// arrive signs in whoever proved who they are, or asks somebody new for a handle.
func (s *Server) arrive(w http.ResponseWriter, r *http.Request, from auth.About, a auth.Arrival, next string) error {
	err := s.enter(w, r, from.ID, func(n store.Session) (store.User, error) { return s.Store.SignInBy(r.Context(), a.Key(s.ways.key), n) })
	switch {
	case errors.Is(err, store.ErrSuspended):
		return s.showRefused(w, r, page.SignInRefused{Provider: from.Name, Reason: page.RefusedSuspended})
	case err == nil:
		return &redirect{onwards(next)}
	case !errors.Is(err, store.ErrNotFound):
		return err
	case !s.admitsNew(from):
		return s.showRefused(w, r, page.SignInRefused{Provider: from.Name, Reason: page.RefusedClosed})
	}
	if err := s.keep(w, sealArrival, arrival{From: from, Who: a, Next: next}); err != nil {
		return err
	}
	return &redirect{page.PathSignInNew}
}

func (s *Server) admitsNew(from auth.About) bool {
	return s.SignUp == auth.SignUpOpen || s.SignUp == auth.SignUpListed && from.Listed
}

// onwards is where somebody goes who has signed in.
func onwards(next string) string {
	if next == "" || next == page.PathBoard {
		return page.PathSettings
	}
	return localPath(next)
}

// mayTry refuses an address that has failed too often. Only failures count: a whole company comes from one address.
func (s *Server) mayTry(w http.ResponseWriter, r *http.Request) error {
	if wait := s.spentFor(r, s.Limits.SignIn, about(r).address.subject); wait > 0 {
		return limited(w, s.Limits.SignIn, wait)
	}
	return nil
}

// refuseSignIn says why somebody is not let in. What exactly was wrong is for the log alone.
func (s *Server) refuseSignIn(w http.ResponseWriter, r *http.Request, provider string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	v := page.SignInRefused{Provider: provider}
	for _, why := range []struct {
		err    error
		reason page.RefusedReason
	}{
		{auth.ErrDeclined, page.RefusedDeclined}, {auth.ErrUnlisted, page.RefusedUnlisted}, {auth.ErrUnverified, page.RefusedUnverified},
		{auth.ErrUnproven, page.RefusedUnproven}, {auth.ErrSeal, page.RefusedUnproven}, {store.ErrSpent, page.RefusedUnproven}, {auth.ErrSilent, page.RefusedSilent},
	} {
		if errors.Is(err, why.err) {
			v.Reason = why.reason
			if _, err := s.limiter.take(r.Context(), s.Limits.SignIn, about(r).address.subject, 1, s.Now()); err != nil {
				return err // a failure that is not counted is not answered
			}
			s.Log.Warn("sign-in refused", "request", about(r).id, "provider", provider, "error", err.Error())
			return s.showRefused(w, r, v)
		}
	}
	return err
}

func (s *Server) showRefused(w http.ResponseWriter, r *http.Request, v page.SignInRefused) error {
	s.render(w, r, v.Status(), v)
	return nil
}

// proxyUser is whom the proxy in front says the reader is; empty if it is not that proxy that asks.
func (s *Server) proxyUser(r *http.Request) string {
	values := r.Header.Values(s.ProxyUser.Header)
	if s.ProxyUser.Header == "" || len(values) != 1 || len(values[0]) > 255 {
		return ""
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	for _, p := range s.ProxyUser.From {
		if p.Contains(peer.Addr().Unmap()) {
			return values[0]
		}
	}
	return ""
}

// signInUser signs in whom the proxy in front names.
func (s *Server) signInUser(w http.ResponseWriter, r *http.Request) error {
	user := s.proxyUser(r)
	if user == "" {
		return &refusal{code: wire.NotFound}
	}
	if err := readForm(w, r); err != nil {
		return err
	}
	from := auth.About{ID: proxyIssuer, Name: s.ProxyUser.Name, Issuer: proxyIssuer, Listed: s.ProxyUser.Listed}
	a := auth.Arrival{Issuer: proxyIssuer, Subject: user, Handle: auth.SuggestHandle(user)}
	return s.arrive(w, r, from, a, localPath(r.PostForm.Get("next")))
}
