package server

import (
	"net/http"
	"strconv"
	"time"

	"tokenflex.ing/internal/server/accept"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// forgetMyDays takes away what the token's own device has sent of some days, or of one source on them; a token for the account
// names any of its devices. Like an upload it has a number, so that one which is older, and still on its way, cannot bring the
// days back.
func (s *Server) forgetMyDays(w http.ResponseWriter, r *http.Request) error {
	who, err := s.bearer(w, r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	scope := wire.ScopeUsageWrite
	if q.Has("device") {
		scope = wire.ScopeAccount
	}
	if err := needScope(who, scope); err != nil {
		return err
	}
	if err := s.take(w, r, s.Limits.IngestToken, who.TokenID); err != nil {
		return err
	}
	from, to, source := q.Get("from"), q.Get("to"), q.Get("source")
	for _, day := range []string{from, to} {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return wrong("from and to", "are dates, YYYY-MM-DD")
		}
	}
	if to < from {
		return wrong("from", "is not after to")
	}
	if source != "" && !accept.ValidSource(source) {
		return wrong("source", "is the id of a tool")
	}
	devices, err := s.Store.DevicesOf(r.Context(), who)
	if err != nil {
		return err
	}
	if q.Has("device") {
		if who.Device, err = oneOf(devices, q.Get("device")); err != nil {
			return err
		}
	}
	days, err := s.Store.DeviceDays(r.Context(), who, who.Device, from, to)
	if err != nil {
		return err
	}
	lines, err := s.lines(r.Context(), who)
	if err != nil {
		return err
	}
	now := s.Now()
	up := store.Upload{Seq: max(now.UnixMicro(), wireDevice(devices, who.Device).LastSeq+1), Book: s.Prices.Date(), At: now,
		Judge: lines.Judge, Print: s.print}
	gone := make(map[store.Cell]bool)
	for _, d := range days {
		c := store.Cell{Day: d.Date, Source: d.Source}
		if (source == "" || source == d.Source) && !gone[c] {
			gone[c] = true
			up.Gone = append(up.Gone, c)
		}
	}
	receipt, err := s.Store.PutDays(r.Context(), who, up)
	if err != nil {
		return err
	}
	return writeJSON(w, wire.Forgotten{Rows: receipt.Written, Total: wireSum(receipt.Total), DeviceTotal: wireSum(receipt.Device)})
}

// oneOf returns the number of a device, which must be one of these.
func oneOf(devices []store.Device, number string) (int64, error) {
	for _, d := range devices {
		if strconv.FormatInt(d.ID, 10) == number {
			return d.ID, nil
		}
	}
	return 0, &refusal{code: wire.NotFound, detail: "the account has no such device"}
}
