package server

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/server/board"
	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

// said are the sentences that settings shows after something was done. Only these can be asked for.
var said = map[string]string{
	"visibility": "Saved. It holds from the next request on.",
	"renamed":    "The device has its new name.",
	"revoked":    "Revoked. It can send no more.",
}

var refusedNames = map[string]string{
	"name":  "A name is 1 to 64 printable characters.",
	"taken": "Another device has that name.",
}

// settingsPage is the reader's own place.
func (s *Server) settingsPage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.signedIn(r)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	v := page.Settings{Visibility: page.Visibility(who.Visibility.String()), Done: said[r.URL.Query().Get("done")], Wrong: refusedNames[r.URL.Query().Get("wrong")]}
	for _, fill := range []func(*http.Request, store.Actor, *page.Settings) error{s.settingsMonth, s.settingsHolds, s.settingsDevices, s.settingsTokens} {
		if err := fill(r, who, &v); err != nil {
			return err
		}
	}
	return s.show(w, r, v)
}

func (s *Server) settingsMonth(r *http.Request, who store.Actor, v *page.Settings) error {
	month, err := board.ParsePeriod("month", s.Now())
	if err != nil {
		return err
	}
	days, err := s.Store.DaysOf(r.Context(), who, who.User, month.From, month.To)
	if err != nil {
		return err
	}
	v.Month = page.SumOf(days)
	v.Models = names(parts(days, func(d usage.Day) string { return d.Model }))
	v.Sources = names(parts(days, func(d usage.Day) string { return d.Source }))
	if len(v.Models) > 0 {
		v.Model = v.Models[0]
	}
	v.Standing, err = s.standing(r.Context(), who, who.User, who.Visibility == store.Public)
	return err
}

func names(parts []wire.ProfilePart) []string {
	all := make([]string, len(parts))
	for i, p := range parts {
		all[i] = p.Name
	}
	return all
}

func (s *Server) settingsHolds(r *http.Request, who store.Actor, v *page.Settings) error {
	holds, err := s.Store.HoldsOf(r.Context(), who)
	v.Held = heldDays(holds)
	return err
}

// reasons say what a review line is about. Those of tokens a day show the line beside the day.
var reasons = map[string]struct {
	text   string
	tokens bool
}{
	"source-day":  {"over the day line of the tool", true},
	"output-day":  {"over the day line of output", true},
	"user-day":    {"over the day line of all tools together", true},
	"user-month":  {"over the line of 30 days", true},
	"fresh-input": {"over the day line of uncached input", true},
	"requests":    {"over the day line of requests", false},
	"cost":        {"over the day line of cost", false},
	"models":      {"over the day line of different models", false},
	"host":        {"held by the people who run this server", false},
	"no-requests": {"tokens without a single request", false},
	"prompt-size": {"more prompt tokens a request than any model reads", true},
	"output-size": {"more output tokens a request than any model writes", true},
}

func heldDays(holds []store.Hold) []page.HeldDay {
	all := make([]page.HeldDay, 0, len(holds))
	for _, h := range holds {
		day, err := time.Parse(time.DateOnly, h.Day)
		if err != nil {
			continue
		}
		why, known := reasons[h.Reason]
		if !known {
			why.text = "waits for review"
		}
		held := page.HeldDay{Day: day, Source: h.Source, Reason: why.text, Tokens: h.Tokens}
		if why.tokens {
			held.Line = h.Line
		}
		all = append(all, held)
	}
	return all
}

func (s *Server) settingsDevices(r *http.Request, who store.Actor, v *page.Settings) error {
	devices, err := s.Store.DevicesOf(r.Context(), who)
	for _, d := range devices {
		v.Devices = append(v.Devices, page.Device{ID: d.ID, Name: d.Name, System: d.OS, Client: d.Client, SyncedAt: d.SyncedAt, Tokens: d.Tokens, Revoked: d.Revoked})
	}
	return err
}

func (s *Server) settingsTokens(r *http.Request, who store.Actor, v *page.Settings) error {
	tokens, err := s.Store.TokensOf(r.Context(), who, s.Now())
	for _, t := range tokens {
		used, _ := time.Parse(time.DateOnly, t.UsedOn) // never used: zero
		v.Tokens = append(v.Tokens, page.Token{ID: t.ID, Device: t.Name, Hint: t.Hint, CreatedOn: t.CreatedAt, UsedOn: used, Expires: t.ExpiresAt})
	}
	return err
}

// change reads the form of somebody signed in.
func (s *Server) change(w http.ResponseWriter, r *http.Request) (store.Actor, error) {
	who, err := s.signedIn(r)
	if err != nil {
		return who, err
	}
	return who, readForm(w, r)
}

func done(what string) error { return &redirect{page.PathSettings + "?done=" + what} }

func (s *Server) setVisibility(w http.ResponseWriter, r *http.Request) error {
	who, err := s.change(w, r)
	if err != nil {
		return err
	}
	v, ok := store.ParseVisibility(r.PostForm.Get("visibility"))
	if !ok {
		return wrong("visibility", "is private, aggregate or public")
	}
	if err := s.Store.SetVisibility(r.Context(), who, v); err != nil {
		return err
	}
	return done("visibility")
}

func (s *Server) renameDevice(w http.ResponseWriter, r *http.Request) error {
	who, id, err := s.changeDevice(w, r)
	if err != nil {
		return err
	}
	name := strings.TrimSpace(r.PostForm.Get("name"))
	if !ValidDeviceName(name) {
		return &redirect{page.PathSettings + "?wrong=name"}
	}
	err = s.Store.RenameDevice(r.Context(), who, id, name)
	if errors.Is(err, store.ErrTaken) {
		return &redirect{page.PathSettings + "?wrong=taken"}
	}
	if err != nil {
		return err
	}
	return done("renamed")
}

func (s *Server) revokeDevice(w http.ResponseWriter, r *http.Request) error {
	who, id, err := s.changeDevice(w, r)
	if err != nil {
		return err
	}
	if err := s.Store.RevokeDevice(r.Context(), who, id, s.Now()); err != nil {
		return err
	}
	return done("revoked")
}

func (s *Server) changeDevice(w http.ResponseWriter, r *http.Request) (store.Actor, int64, error) {
	who, err := s.change(w, r)
	if err != nil {
		return who, 0, err
	}
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return who, 0, &refusal{code: wire.NotFound}
	}
	return who, id, nil
}

func (s *Server) revokeToken(w http.ResponseWriter, r *http.Request) error {
	who, err := s.change(w, r)
	if err != nil {
		return err
	}
	if err := s.Store.RevokeToken(r.Context(), who, r.PathValue("id"), s.Now()); err != nil {
		return err
	}
	return done("revoked")
}
