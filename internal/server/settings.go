package server

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/server/auth"
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
	"linked":     "Added. You can sign in that way from now on.",
	"passkey":    "The passkey is added.",
	"removed":    "Removed. It opens your account no more.",
	"ended":      "Ended. That browser is signed out.",
	"handle":     "You have your new handle.",
	"name":       "The name is saved.",
}

var refusedNames = map[string]string{
	"confirm":      "That is not your handle. Nothing was erased.",
	"name":         "A name is 1 to 64 printable characters.",
	"taken":        "Another device has that name.",
	"linked":       "That sign-in opens another account already.",
	"ways":         "That is there already, or there are too many: remove one first.",
	"last":         "That is the last way in that you have here. Add another one first.",
	"handle":       "A handle is 1 to 39 of a to z, 0 to 9 and dashes inside.",
	"handle-taken": "That handle is not free: somebody has it, or had it a short while ago.",
	"handle-soon":  "A handle can be changed once in 30 days.",
	"shown-name":   "A name is at most 40 characters that can be seen.",
	"tokens":       "There are too many devices or tokens: revoke some first.",
}

// settingsPage is the reader's own place.
func (s *Server) settingsPage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.signedIn(r)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	own, err := s.Store.OwnUser(r.Context(), who)
	if err != nil {
		return err
	}
	v := page.Settings{Name: own.Name, Visibility: page.Visibility(who.Visibility.String()), Hidden: ref(pageHidden(own.Hidden)), Done: said[r.URL.Query().Get("done")], Wrong: refusedNames[r.URL.Query().Get("wrong")]}
	for _, fill := range []func(*http.Request, store.Actor, *page.Settings) error{s.settingsMonth, s.settingsHolds, s.settingsDevices, s.settingsTokens, s.settingsWays, s.settingsSessions} {
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
	v.Models = names(parts(days, 0, func(d usage.Day) string { return d.Model }))
	v.Sources = names(parts(days, 0, func(d usage.Day) string { return d.Source }))
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
	v.Held = heldTogether(holds)
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
	"prompt-size": {"more prompt tokens a request than the model reads", true},
	"output-size": {"more output tokens a request than the model writes", true},

	"output-share": {"more of it is output than of any work", false},
	"growth":       {"far above your own days before", true},
	"model":        {"a dear model of another maker than the tool's", false},
	"dear":         {"over the day line of models that cost most", false},
	"parser":       {"read by a parser that was put right since; update and sync", false},
	"devices":      {"on more devices than one person has", false},
	"rows":         {"more rows than one person makes", false},
	"past":         {"sent long after its day, with many others", false},
	"shared":       {"the same as another account's", false},
	"copy":         {"a copy of what another of your devices sent", false},
}

// copyText says which devices share how much of a day, or of days. A share of 0 is of days whose counts alone tell.
func copyText(device, original string, least, most int) string {
	share := strconv.Itoa(most)
	switch {
	case most == 0:
		return fmt.Sprintf("%s has the same counts as %s, where they count", device, original)
	case least < most:
		share = fmt.Sprintf("%d to %d", least, most)
	}
	return fmt.Sprintf("%s and %s share %s %% of it; it counts on %[2]s", device, original, share)
}

func heldDays(holds []store.Hold) []page.HeldDay {
	all := make([]page.HeldDay, len(holds))
	for i, h := range holds {
		all[i] = heldDay(h)
	}
	return all
}

func heldDay(h store.Hold) page.HeldDay {
	day, _ := time.Parse(time.DateOnly, h.Day) // as the store has it
	why, known := reasons[h.Reason]
	if !known {
		why.text = "waits for review"
	}
	if h.Reason == store.ReasonCopy && h.Original != "" {
		why.text = copyText(h.Device, h.Original, h.Share, h.Share)
	}
	held := page.HeldDay{Day: day, Source: h.Source, Reason: why.text, Tokens: h.Tokens}
	if why.tokens {
		held.Line = h.Line
	}
	return held
}

// heldTogether is heldDays with all that one device has of another's days of a tool as one: a copied home is one thing to know,
// however many days it has.
func heldTogether(holds []store.Hold) []page.HeldDay {
	type pair struct{ device, original, source string }
	type copied struct{ at, least, most int }
	var all []page.HeldDay
	of := make(map[pair]copied)
	for _, h := range holds {
		held, k := heldDay(h), pair{h.Device, h.Original, h.Source}
		c, more := of[k]
		if h.Reason != store.ReasonCopy || h.Original == "" || !more {
			if h.Reason == store.ReasonCopy {
				of[k] = copied{len(all), h.Share, h.Share}
			}
			all = append(all, held)
			continue
		}
		if h.Share > 0 {
			c.least, c.most = min(cmp.Or(c.least, h.Share), h.Share), max(c.most, h.Share)
		}
		of[k] = c
		one := &all[c.at]
		one.Last, one.Days, one.Tokens = held.Day, max(one.Days, 1)+1, one.Tokens+held.Tokens
		one.Reason = copyText(h.Device, h.Original, c.least, c.most)
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

func (s *Server) settingsWays(r *http.Request, who store.Actor, v *page.Settings) error {
	ctx := r.Context()
	identities, err := s.Store.IdentitiesOf(ctx, who)
	if err != nil {
		return err
	}
	for _, i := range identities {
		used, _ := time.Parse(time.DateOnly, i.UsedOn) // never used: zero
		name, on := s.issuerName(i.Issuer)
		v.Identities = append(v.Identities, page.Identity{ID: i.ID, Name: name, Off: !on, CreatedOn: i.CreatedAt, UsedOn: used})
	}
	passkeys, err := s.Store.PasskeysOf(ctx, who)
	if err != nil {
		return err
	}
	for _, k := range passkeys {
		used, _ := time.Parse(time.DateOnly, k.UsedOn)
		v.Passkeys = append(v.Passkeys, page.Passkey{ID: k.ID, Name: k.Name, CreatedOn: k.CreatedAt, UsedOn: used})
	}
	v.CanPasskey, v.Fresh = s.ways.passkeys != nil, s.isFresh(who)
	return s.offerWays(who, passkeys, v)
}

// offerWays offers what could be added, to somebody who has just signed in. Others sign in again first.
func (s *Server) offerWays(who store.Actor, own []store.Passkey, v *page.Settings) error {
	v.Offers = s.offers()
	if !v.Fresh {
		return nil
	}
	ticket, err := auth.Seal(s.key, sealLink, linkTicket{who.User, who.Key}, s.Now().Add(flowLife))
	if err != nil {
		return err
	}
	v.Ticket = ticket
	if !v.CanPasskey {
		return nil
	}
	options, f, err := s.ways.passkeys.AskNew(who.User, who.Handle, own)
	if err == nil {
		v.NewPasskey, err = s.sealAsk(options, f)
	}
	return err
}

// issuerName is what people know an issuer by, and whether it is on.
func (s *Server) issuerName(issuer string) (string, bool) {
	for _, p := range s.ways.providers {
		if a := p.About(); a.Issuer == issuer {
			return a.Name, true
		}
	}
	if issuer == proxyIssuer {
		return cmp.Or(s.ProxyUser.Name, proxyIssuer), s.ProxyUser.Header != ""
	}
	return strings.TrimPrefix(issuer, "https://"), false
}

func (s *Server) settingsSessions(r *http.Request, who store.Actor, v *page.Settings) error {
	sessions, err := s.Store.SessionsOf(r.Context(), who, s.Now())
	for _, o := range sessions {
		v.Sessions = append(v.Sessions, page.Session{ID: o.ID, Agent: o.Agent, Way: s.wayName(o.Way), At: o.At, SeenAt: o.SeenAt, Current: o.ID == who.Session})
	}
	return err
}

// wayName is how people call the way that a session was opened.
func (s *Server) wayName(way string) string {
	switch way {
	case "link":
		return "a link"
	case "passkey":
		return "a passkey"
	case proxyIssuer:
		return cmp.Or(s.ProxyUser.Name, proxyIssuer)
	}
	for _, p := range s.ways.providers {
		if a := p.About(); a.ID == way {
			return a.Name
		}
	}
	return way
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
	hidden, ok := store.ParseHidden(r.PostForm["hide"])
	if !ok {
		return wrong("hide", "is cost, models, sources or days")
	}
	// First what is kept back, so that nothing shows in between.
	if err := s.Store.SetHidden(r.Context(), who, hidden); err != nil {
		return err
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
