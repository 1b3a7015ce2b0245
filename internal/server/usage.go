package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"time"

	"tokenflex.ing/internal/server/accept"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

const (
	syncInterval = time.Hour // that clients are asked to keep
	maxSkew      = 10 * time.Minute
)

// putUsage takes an upload of a device: all of it or nothing.
func (s *Server) putUsage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.bearer(w, r)
	if err != nil {
		return err
	}
	if err := needScope(who, wire.ScopeUsageWrite); err != nil {
		return err
	}
	if err := s.take(w, r, s.Limits.IngestToken, who.TokenID); err != nil {
		return err
	}
	if err := s.take(w, r, s.Limits.IngestUser, who.Handle); err != nil {
		return err
	}
	body, err := readUpload(w, r)
	if err != nil {
		return err
	}
	claim, ignored, err := accept.Decode(body)
	if err != nil {
		return err
	}
	s.Metrics.ignored.Add(float64(ignored))
	if err := s.Oldest.check(claim); err != nil {
		return err
	}
	now := s.Now()
	days, err := accept.Days(claim, now)
	if err != nil {
		return err
	}
	sketches, err := accept.Sketches(claim)
	if err != nil {
		return err
	}
	if err := s.takeRows(w, r, who, len(days)); err != nil {
		return err
	}
	s.price(days)
	lines, err := s.lines(r.Context(), who)
	if err != nil {
		return err
	}
	up := store.Upload{
		SyncID: claim.SyncID, Seq: claim.Seq, Body: sha256.Sum256(body), Replace: claim.Mode == wire.Replace,
		Client: claim.Client.Version, OS: claim.Client.OS, Parsers: claim.Parsers, Book: s.Prices.Date(), At: now,
		Judge: lines.Judge, Print: accept.Printer(s.key), Sketches: sketches, Families: s.families(days),
	}
	up.Days, up.Gone = accept.Tombstones(days)
	unchanged := 0
	if !up.Replace { // a row of nothing is never more than what is there
		unchanged, up.Gone = len(up.Gone), nil
	}
	receipt, err := s.Store.PutDays(r.Context(), who, up)
	if err != nil {
		return impossible(err, claim)
	}
	receipt.Unchanged += unchanged
	s.Metrics.stored(receipt)
	if receipt.Replayed {
		w.Header().Set("Idempotent-Replayed", "true")
	}
	answer := s.receipt(receipt, claim.Seq, now)
	if answer.Board, err = s.receiptPlaces(r.Context(), who.User, receipt.Month); err != nil { // what was sent is stored all the same
		s.Log.Warn("rank of an upload", "request", about(r).id, "error", err.Error())
	}
	return writeJSON(w, answer)
}

// takeRows counts the upload's rows against what an account may send a day. A new device sends all that it has.
func (s *Server) takeRows(w http.ResponseWriter, r *http.Request, who store.Actor, rows int) error {
	refused := s.takeMany(w, r, s.Limits.Rows, who.Handle, rows)
	if refused == nil {
		return nil
	}
	devices, err := s.Store.DevicesOf(r.Context(), who)
	if err != nil {
		return err
	}
	for _, d := range devices {
		if d.ID == who.Device && s.Now().Sub(d.CreatedAt) < NewDevice {
			w.Header().Del("RateLimit")
			w.Header().Del("RateLimit-Policy")
			return nil
		}
	}
	return refused
}

// impossible points a day that the judge refused at the rows of the upload that made it.
func impossible(err error, claim wire.Usage) error {
	var e *accept.ErrImpossible
	if !errors.As(err, &e) {
		return err
	}
	invalid := &accept.ErrInvalid{}
	for i, row := range claim.Rows {
		if row.Day != e.Day || e.Source != "" && row.Source != e.Source {
			continue
		}
		if invalid.Count++; invalid.Count <= accept.MaxErrors {
			invalid.Errors = append(invalid.Errors, wire.ProblemError{Pointer: fmt.Sprintf("/rows/%d", i), Code: "impossible", Detail: e.Detail})
		}
	}
	if invalid.Count == 0 { // a line over several days, passed on a day that the upload does not name
		invalid.Count = 1
		invalid.Errors = []wire.ProblemError{{Pointer: "/rows", Code: "impossible", Detail: e.Detail}}
	}
	return invalid
}

func (s *Server) receipt(r store.Receipt, seq int64, now time.Time) wire.Receipt {
	answer := wire.Receipt{
		SyncID: r.SyncID, Written: r.Written, Unchanged: r.Unchanged, Held: wireHolds(r.Held), UnpricedModels: r.Unpriced,
		Today: wireSum(r.Today), Total: wireSum(r.Total), DeviceTotal: wireSum(r.Device),
		NextSyncS: int(syncInterval.Seconds()), PricingETag: s.prices.etag,
	}
	if answer.UnpricedModels == nil {
		answer.UnpricedModels = []string{}
	}
	if skew := time.UnixMicro(seq).Sub(now); skew.Abs() > maxSkew {
		answer.ClockSkewS = int(skew.Seconds())
	}
	return answer
}

// sketchKey is what all devices of an account, and nobody else's, make sketches with. It is kept nowhere.
func (s *Server) sketchKey(user int64) string {
	m := hmac.New(sha256.New, s.key)
	fmt.Fprintf(m, "sketches\x00%d", user)
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

func wireHolds(holds []store.Hold) []wire.Held {
	all := make([]wire.Held, len(holds))
	for i, h := range holds {
		all[i] = wire.Held{Day: h.Day, Source: h.Source, Reason: h.Reason, Line: h.Line}
		if h.Reason == store.ReasonCopy {
			all[i].Copy = &wire.Copy{Device: h.Device, Original: h.Original, Share: h.Share}
		}
	}
	return all
}

func wireSum(f store.Figures) wire.Sum {
	return wire.Sum{Tokens: f.Tokens.Total(), CostUUSD: int64(f.Cost), UnpricedTokens: f.Unpriced}
}
