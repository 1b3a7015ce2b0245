package server

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// getMyTokens lists the account's live tokens.
func (s *Server) getMyTokens(w http.ResponseWriter, r *http.Request) error {
	who, err := s.owner(w, r)
	if err == nil {
		err = needScope(who, wire.ScopeProfileRead, wire.ScopeAccount)
	}
	if err != nil {
		return err
	}
	tokens, err := s.Store.TokensOf(r.Context(), who, s.Now())
	if err != nil {
		return err
	}
	answer := wire.Tokens{Items: make([]wire.Token, len(tokens))}
	for i, t := range tokens {
		answer.Items[i] = tokenOf(t)
	}
	return writeJSON(w, answer)
}

// postMyToken makes a token. It is in this answer and nowhere else.
func (s *Server) postMyToken(w http.ResponseWriter, r *http.Request) error {
	who, err := s.owner(w, r)
	if err == nil {
		err = s.needFresh(who)
	}
	if err != nil {
		return err
	}
	var ask wire.NewToken
	if err := readJSON(w, r, &ask); err != nil {
		return err
	}
	const shortest = time.Minute
	life := time.Duration(ask.ExpiresInS) * time.Second
	if ask.ExpiresInS != 0 && life < shortest || ask.ExpiresInS > maxTokenLife {
		return wrong("expires_in_s", "is from 60 to 315360000")
	}
	token, made, err := s.mint(r, who, ask.Name, ask.Scope, life)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	return json.NewEncoder(w).Encode(wire.MintedToken{Token: tokenOf(made), AccessToken: token})
}

// maxTokenLife is ten years, in seconds.
const maxTokenLife = 315360000

// needFresh refuses whoever could not have proved who they are a short while ago.
func (s *Server) needFresh(who store.Actor) error {
	if who.Session != "" && !s.isFresh(who) {
		return &refusal{code: wire.Scope, detail: "sign in again first: " + s.Site + page.PathSignIn + nextQuery(page.PathSettings+"#tokens")}
	}
	return needScope(who, wire.ScopeAccount)
}

// mint makes a token of the account for a device. A life of 0 is as long as the host lets it be.
func (s *Server) mint(r *http.Request, who store.Actor, device, scope string, life time.Duration) (string, store.Token, error) {
	device = strings.TrimSpace(device)
	if !ValidDeviceName(device) {
		return "", store.Token{}, wrong("name", "is 1 to 64 printable characters")
	}
	scope, ok := readScope(scope)
	if !ok || scope == wire.ScopeAccount { // those are approved one by one, in the browser
		return "", store.Token{}, wrong("scope", "is usage:write, profile:read, or both")
	}
	token := auth.NewToken()
	n := NewToken(token, s.Now())
	n.Scope = scope
	if life > 0 {
		n.Expires = time.Unix(n.At.Add(life).Unix(), 0).UTC()
	}
	made, err := s.Store.MintToken(r.Context(), who, device, s.limited(n))
	if errors.Is(err, store.ErrTooMany) {
		err = &refusal{code: wire.Conflict, detail: "the account has too many devices or tokens: revoke some"}
	}
	return token, made, err
}

// mintToken is the same for the form of the settings page.
func (s *Server) mintToken(w http.ResponseWriter, r *http.Request) error {
	who, err := s.fresh(r, page.PathSettings+"#tokens")
	if err != nil {
		return err
	}
	if err := readForm(w, r); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	days, err := strconv.Atoi(r.PostForm.Get("days"))
	const most = 3650
	if err != nil || days < 0 || days > most {
		return wrong("days", "is from 0 to 3650")
	}
	if !ValidDeviceName(strings.TrimSpace(r.PostForm.Get("name"))) {
		return &redirect{page.PathSettings + "?wrong=name#tokens"}
	}
	token, made, err := s.mint(r, who, r.PostForm.Get("name"), r.PostForm.Get("scope"), time.Duration(days)*24*time.Hour)
	var no *refusal
	if errors.As(err, &no) && no.code == wire.Conflict {
		return &redirect{page.PathSettings + "?wrong=tokens#tokens"}
	}
	if err != nil {
		return err
	}
	return s.show(w, r, page.TokenMade{Token: token, Device: made.Name, Scope: made.Scope, Expires: made.ExpiresAt})
}

// deleteMyToken revokes a token. A device's token may revoke itself and no other.
func (s *Server) deleteMyToken(w http.ResponseWriter, r *http.Request) error {
	who, err := s.owner(w, r)
	if err == nil && (who.TokenID == "" || who.TokenID != r.PathValue("id")) {
		err = needScope(who, wire.ScopeAccount)
	}
	if err == nil {
		err = s.Store.RevokeToken(r.Context(), who, r.PathValue("id"), s.Now())
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// readJSON reads a small JSON body. A member that means nothing is refused, since what it was meant to say would be lost.
func readJSON(w http.ResponseWriter, r *http.Request, v any) error {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" || r.Header.Get("Content-Encoding") != "" {
		return &refusal{code: wire.MediaType, detail: "send application/json"}
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm))
	d.DisallowUnknownFields()
	err = d.Decode(v)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return &refusal{code: wire.TooLarge, detail: "more than 16 KiB"}
	}
	if err == nil {
		if _, end := d.Token(); !errors.Is(end, io.EOF) {
			err = errors.New("something follows")
		}
	}
	if err != nil {
		return &refusal{code: wire.Malformed, detail: "the body is not one JSON object of the members described"}
	}
	return nil
}
