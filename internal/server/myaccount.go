package server

import (
	"errors"
	"net/http"
	"strconv"

	"golang.org/x/text/unicode/norm"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// patchMe changes what is said of the account. Everything is checked before anything is done.
func (s *Server) patchMe(w http.ResponseWriter, r *http.Request) error {
	who, err := s.owner(w, r)
	if err == nil {
		err = needScope(who, wire.ScopeAccount)
	}
	if err != nil {
		return err
	}
	var ask wire.AccountChange
	if err := readJSON(w, r, &ask); err != nil {
		return err
	}
	if err := s.changeAccount(w, r, who, ask); err != nil {
		return err
	}
	u, err := s.Store.OwnUser(r.Context(), who)
	if err != nil {
		return err
	}
	return writeJSON(w, wire.Account{Handle: u.Handle, DisplayName: u.Name, Visibility: u.Visibility.String()})
}

func (s *Server) changeAccount(w http.ResponseWriter, r *http.Request, who store.Actor, ask wire.AccountChange) error {
	visibility, known := who.Visibility, true
	if ask.Visibility != nil {
		visibility, known = store.ParseVisibility(*ask.Visibility)
	}
	name := ""
	if ask.DisplayName != nil {
		name = norm.NFC.String(*ask.DisplayName)
	}
	switch {
	case !known:
		return wrong("visibility", "is private, aggregate or public")
	case !ValidName(name):
		return wrong("display_name", "is at most 40 characters that can be seen")
	}
	if ask.Handle != nil { // first, since it may be refused
		if err := refusedHandle(s.setHandle(w, r, who, *ask.Handle)); err != nil {
			return err
		}
	}
	if ask.DisplayName != nil {
		if err := s.Store.SetName(r.Context(), who, name); err != nil {
			return err
		}
	}
	if ask.Visibility != nil {
		return s.Store.SetVisibility(r.Context(), who, visibility)
	}
	return nil
}

func refusedHandle(err error) error {
	switch {
	case errors.Is(err, errHandle):
		return wrong("handle", "is 1 to 39 of a-z, 0-9 and inner dashes")
	case errors.Is(err, store.ErrTaken):
		return &refusal{code: wire.Conflict, detail: "the handle is not free"}
	case errors.Is(err, store.ErrTooSoon):
		return &refusal{code: wire.Conflict, detail: "a handle can be changed once in 30 days"}
	}
	return err
}

// getMyDevices lists the account's devices.
func (s *Server) getMyDevices(w http.ResponseWriter, r *http.Request) error {
	who, err := s.owner(w, r)
	if err == nil {
		err = needScope(who, wire.ScopeProfileRead, wire.ScopeAccount)
	}
	if err != nil {
		return err
	}
	devices, err := s.Store.DevicesOf(r.Context(), who)
	if err != nil {
		return err
	}
	answer := wire.Devices{Items: make([]wire.Device, len(devices))}
	for i, d := range devices {
		answer.Items[i] = deviceOf(d)
	}
	return writeJSON(w, answer)
}

// deleteMyDevice ends every token of a device. What it has sent stays.
func (s *Server) deleteMyDevice(w http.ResponseWriter, r *http.Request) error {
	who, err := s.owner(w, r)
	if err == nil {
		err = needScope(who, wire.ScopeAccount)
	}
	if err != nil {
		return err
	}
	if keep := r.URL.Query().Get("keep"); r.URL.Query().Has("keep") && keep != "usage" {
		return wrong("keep", "is usage")
	}
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return &refusal{code: wire.NotFound}
	}
	if err := s.Store.RevokeDevice(r.Context(), who, id, s.Now()); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
