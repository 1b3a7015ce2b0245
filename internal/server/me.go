package server

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

// getMe says whom the token speaks for.
func (s *Server) getMe(w http.ResponseWriter, r *http.Request) error {
	who, err := s.bearer(w, r)
	if err != nil {
		return err
	}
	if err := s.take(w, r, s.Limits.Token, who.TokenID); err != nil {
		return err
	}
	me := wire.Me{Handle: who.Handle, Visibility: who.Visibility.String()}
	ctx := r.Context()
	devices, err := s.Store.DevicesOf(ctx, who)
	if err != nil {
		return err
	}
	me.Device = wireDevice(devices, who.Device)
	account, err := s.Store.OwnUser(ctx, who)
	if err != nil {
		return err
	}
	me.DisplayName = account.Name
	tokens, err := s.Store.TokensOf(ctx, who, s.Now())
	if err != nil {
		return err
	}
	me.Token = wireToken(tokens, who.TokenID)
	sum, err := s.Store.SumOf(ctx, who)
	if err != nil {
		return err
	}
	own, err := s.Store.DeviceSum(ctx, who, who.Device)
	if err != nil {
		return err
	}
	holds, err := s.Store.HoldsOf(ctx, who)
	if err != nil {
		return err
	}
	if needScope(who, wire.ScopeUsageWrite) == nil {
		me.SketchKey = s.sketchKey(who.User)
	}
	me.Total, me.DeviceTotal, me.DeviceDays, me.Held = wireSum(sum), wireSum(own), own.ActiveDays, wireHolds(holds)
	if who.Visibility == store.Public {
		line, err := s.Store.LineOf(ctx, s.monthBoard(), who, who.User)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if me.Board, err = s.places(ctx, who.User, line.Value); err != nil {
			return err
		}
	}
	return writeJSON(w, me)
}

// getMyDays lists the rows of the token's own device, so that its client can compare them with its own. A token that sends none, and
// has no rows for that, reads those of all devices.
func (s *Server) getMyDays(w http.ResponseWriter, r *http.Request) error {
	who, err := s.bearer(w, r)
	if err != nil {
		return err
	}
	if err := s.take(w, r, s.Limits.Token, who.TokenID); err != nil {
		return err
	}
	answer := wire.MyDays{Items: []wire.MyDay{}}
	if answer.From, answer.To, err = s.readSpan(r); err != nil {
		return err
	}
	if needScope(who, wire.ScopeUsageWrite) == nil {
		answer.Items, err = s.daysOfDevice(r.Context(), who, who.Device, answer)
	} else {
		answer.Items, err = s.daysOfDevices(r.Context(), who, answer)
	}
	if err != nil {
		return err
	}
	return writeJSON(w, answer)
}

func (s *Server) daysOfDevice(ctx context.Context, who store.Actor, device int64, of wire.MyDays) ([]wire.MyDay, error) {
	days, err := s.Store.DeviceDays(ctx, who, device, of.From, of.To)
	items := make([]wire.MyDay, len(days))
	for i, d := range days {
		items[i] = wire.MyDay{Day: wireDay(d), CostUUSD: int64(d.Cost), Priced: d.Priced}
	}
	return items, err
}

// daysOfDevices returns the rows of all devices of an account, each with its device, by day and then by device.
func (s *Server) daysOfDevices(ctx context.Context, who store.Actor, of wire.MyDays) ([]wire.MyDay, error) {
	devices, err := s.Store.DevicesOf(ctx, who)
	all := []wire.MyDay{}
	for _, d := range devices {
		items, err := s.daysOfDevice(ctx, who, d.ID, of)
		if err != nil {
			return nil, err
		}
		for i := range items {
			items[i].DeviceID = d.ID
		}
		all = append(all, items...)
	}
	slices.SortStableFunc(all, func(a, b wire.MyDay) int {
		return cmp.Or(cmp.Compare(a.Day.Day, b.Day.Day), cmp.Compare(a.DeviceID, b.DeviceID))
	})
	return all, err
}

func wireDay(d usage.Day) wire.Day {
	t := d.Tokens
	return wire.Day{Day: d.Date, Source: d.Source, Model: d.Model, Band: int64(d.Band), Tier: string(d.Tier), Requests: d.Requests,
		Input: t.Input, CacheRead: t.CacheRead, CacheWrite5m: t.CacheWrite5m, CacheWrite1h: t.CacheWrite1h, Output: t.Output, Reasoning: t.Reasoning}
}

func wireDevice(devices []store.Device, id int64) wire.Device {
	for _, d := range devices {
		if d.ID == id {
			return deviceOf(d)
		}
	}
	return wire.Device{ID: id}
}

func deviceOf(d store.Device) wire.Device {
	return wire.Device{ID: d.ID, Name: d.Name, CreatedOn: d.CreatedAt.Format(time.DateOnly), LastSeq: d.LastSeq, SyncedAt: stamp(d.SyncedAt),
		OS: d.OS, Client: d.Client, Tokens: d.Tokens, Revoked: d.Revoked}
}

func wireToken(tokens []store.Token, id string) wire.Token {
	for _, t := range tokens {
		if t.ID == id {
			return tokenOf(t)
		}
	}
	return wire.Token{ID: id}
}

func tokenOf(t store.Token) wire.Token {
	return wire.Token{ID: t.ID, Hint: t.Hint, Scope: t.Scope, ExpiresAt: stamp(t.ExpiresAt), DeviceID: t.Device, Device: t.Name,
		CreatedOn: t.CreatedAt.Format(time.DateOnly), UsedOn: t.UsedOn}
}

// stamp writes a time as on the wire; the zero time is empty.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
