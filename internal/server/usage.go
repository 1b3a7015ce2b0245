package server

import (
	"bytes"
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
	who, err := s.bearerBy(w, r, s.Store.Sender)
	if err != nil {
		return err
	}
	err = s.takeUsage(w, r, who)
	if who.Recalled && err != nil || errors.Is(err, store.ErrNotFound) { // the token may have ended since, or the account with it
		if _, ended := s.bearer(w, r); ended != nil {
			return ended
		}
	}
	return err
}

// takeUsage takes what somebody sends.
func (s *Server) takeUsage(w http.ResponseWriter, r *http.Request, who store.Actor) error {
	if err := needScope(who, wire.ScopeUsageWrite); err != nil {
		return err
	}
	var t toll
	if err := s.count(w, &t, s.Limits.IngestToken, who.TokenID, 1); err != nil {
		return err
	}
	if err := s.count(w, &t, s.Limits.IngestUser, who.Handle, 1); err != nil {
		return err
	}
	now := s.Now()
	claim, up, err := s.readClaim(w, r, now)
	if err != nil {
		return s.refused(w, r, t, err)
	}
	lines, err := s.lines(r.Context(), who)
	if err != nil {
		return err
	}
	up.Judge = lines.Judge
	unchanged := 0
	if !up.Replace { // a row of nothing is never more than what is there
		unchanged, up.Gone = len(up.Gone), nil
	}
	receipt, err := s.putDays(w, r, who, up, t, len(claim.Rows))
	if err != nil {
		return impossible(err, claim)
	}
	s.uploaded.Store(time.Now().UnixNano())
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

// readClaim reads an upload and prices its days.
func (s *Server) readClaim(w http.ResponseWriter, r *http.Request, now time.Time) (wire.Usage, store.Upload, error) {
	text := bodies.Get().(*bytes.Buffer)
	defer keepBody(text)
	text.Reset()
	if err := readUpload(text, w, r); err != nil {
		return wire.Usage{}, store.Upload{}, err
	}
	body := text.Bytes()
	claim, ignored, err := accept.Decode(body)
	if err != nil {
		return claim, store.Upload{}, err
	}
	s.Metrics.ignored.Add(float64(ignored))
	if err := s.Oldest.check(claim); err != nil {
		return claim, store.Upload{}, err
	}
	days, err := accept.Days(claim, now)
	if err != nil {
		return claim, store.Upload{}, err
	}
	sketches, err := accept.Sketches(claim)
	if err != nil {
		return claim, store.Upload{}, err
	}
	s.price(days)
	up := store.Upload{
		SyncID: claim.SyncID, Seq: claim.Seq, Body: sha256.Sum256(body), Replace: claim.Mode == wire.Replace,
		Client: claim.Client.Version, OS: claim.Client.OS, Parsers: claim.Parsers, Book: s.Prices.Date(), At: now,
		Print: s.print, Sketches: sketches, Families: s.families(days),
	}
	up.Days, up.Gone = accept.Tombstones(days)
	return claim, up, nil
}

// putDays stores an upload if the limits let it through. Its rows count against what an account may send a day; a new device sends all
// that it has.
func (s *Server) putDays(w http.ResponseWriter, r *http.Request, who store.Actor, up store.Upload, t toll, rows int) (store.Receipt, error) {
	up.Charges = t.charges
	refused := s.count(w, &t, s.Limits.Rows, who.Handle, rows)
	if refused == nil {
		all := up
		all.Charges = t.charges
		receipt, err := s.Store.PutDays(r.Context(), who, all)
		var over Limit
		if over, refused = overLimit(w, t, err); over.Name != s.Limits.Rows.Name {
			return receipt, refused
		}
	}
	fresh, err := s.newDevice(r, who)
	if err != nil || !fresh {
		return store.Receipt{}, errors.Join(err, refused)
	}
	w.Header().Del("RateLimit")
	w.Header().Del("RateLimit-Policy")
	receipt, err := s.Store.PutDays(r.Context(), who, up)
	_, err = overLimit(w, t, err)
	return receipt, err
}

// newDevice reports whether the device that sends is new.
func (s *Server) newDevice(r *http.Request, who store.Actor) (bool, error) {
	devices, err := s.Store.DevicesOf(r.Context(), who)
	for _, d := range devices {
		if d.ID == who.Device {
			return s.Now().Sub(d.CreatedAt) < NewDevice, err
		}
	}
	return false, err
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
