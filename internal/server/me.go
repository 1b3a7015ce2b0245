package server

import (
	"net/http"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// getMe says whom the token speaks for.
func (s *Server) getMe(w http.ResponseWriter, r *http.Request) error {
	who, err := s.bearer(w, r)
	if err != nil {
		return err
	}
	if err := s.take(w, s.Limits.Token, who.TokenID); err != nil {
		return err
	}
	me := wire.Me{Handle: who.Handle, Visibility: who.Visibility.String()}
	ctx := r.Context()
	devices, err := s.Store.DevicesOf(ctx, who)
	if err != nil {
		return err
	}
	me.Device = wireDevice(devices, who.Device)
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
	me.Total, me.DeviceTotal, me.DeviceDays, me.Held = wireSum(sum), wireSum(own), own.ActiveDays, wireHolds(holds)
	return writeJSON(w, me)
}

func wireDevice(devices []store.Device, id int64) wire.Device {
	for _, d := range devices {
		if d.ID == id {
			return wire.Device{ID: d.ID, Name: d.Name, CreatedOn: d.CreatedAt.Format(time.DateOnly), LastSeq: d.LastSeq, SyncedAt: stamp(d.SyncedAt)}
		}
	}
	return wire.Device{ID: id}
}

func wireToken(tokens []store.Token, id string) wire.Token {
	for _, t := range tokens {
		if t.ID == id {
			return wire.Token{ID: t.ID, Hint: t.Hint, Scope: t.Scope, ExpiresAt: stamp(t.ExpiresAt)}
		}
	}
	return wire.Token{ID: id}
}

// stamp writes a time as on the wire; the zero time is empty.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
