package cli

import (
	"time"

	"github.com/google/uuid"

	"tokenflex.ing/internal/client/config"
	"tokenflex.ing/internal/client/payload"
	"tokenflex.ing/internal/version"
	"tokenflex.ing/internal/wire"
)

// pendingFor is how long a sync keeps the identity that a dry run showed, so that what was shown is what is sent.
const pendingFor = 5 * time.Minute

// upload is what a sync sends: the rows that the site has not confirmed yet, in requests.
type upload struct {
	rows     []wire.Day // those sent
	sketches []wire.Sketch
	requests []wire.Usage
	pending  config.Pending
}

// newUpload builds the requests that bring the site from what it confirmed to rows, the state of this device.
// Rows that are confirmed as they are stay away unless everything is wanted.
func (a *App) newUpload(rows []wire.Day, confirmed config.Synced, everything bool, by sketching) upload {
	grown, renamed := split(rows, confirmed.Rows, everything || by.name() != confirmed.Sketched && by.name() != "")
	u := upload{rows: append(append([]wire.Day(nil), grown...), renamed...)}
	u.sketches = by.sketches(u.rows)
	u.pending = a.pending(payload.DigestWith(u.rows, u.sketches), confirmed)
	for _, part := range []struct {
		mode wire.Mode
		rows []wire.Day
	}{{wire.Max, grown}, {wire.Replace, renamed}} {
		for len(part.rows) > 0 {
			n := cut(part.rows, u.sketches, part.mode)
			u.requests = append(u.requests, payload.Build(a.envelope(&u, part.mode), part.rows[:n]))
			part.rows = part.rows[n:]
		}
	}
	return u
}

// split returns the rows to send in each mode. Most only ever grow. But a row can also move, as when a model that was sent as
// "other" becomes known or a model's price gets a step: then the site's old row would stay and count the same tokens again. So
// a cell, that is a day of a source, in which a confirmed row is gone or has shrunk replaces the site's whole cell, unless it
// holds less than was confirmed: then the tool deleted some of its history, and the site keeps it.
func split(rows []wire.Day, confirmed map[string]config.Row, everything bool) (grown, renamed []wire.Day) {
	now, then, present := make(map[string]int64), make(map[string]int64), make(map[string]int64)
	for _, r := range rows {
		now[cell(r)] += tokens(r)
		present[payload.Name(r)] = tokens(r)
	}
	moved := make(map[string]bool)
	for name, row := range confirmed {
		then[row.Cell] += row.Tokens
		if n, there := present[name]; !there || n < row.Tokens {
			moved[row.Cell] = true
		}
	}
	for _, r := range rows {
		c := cell(r)
		switch {
		case moved[c] && now[c] >= then[c]:
			renamed = append(renamed, r)
		case everything || confirmed[payload.Name(r)].Digest != payload.Digest(r):
			grown = append(grown, r)
		}
	}
	return grown, renamed
}

// cut is how many rows the next request takes. A cell that replaces another is not torn in two.
func cut(rows []wire.Day, sketches []wire.Sketch, mode wire.Mode) int {
	n := payload.Fit(rows, sketches)
	if mode == wire.Max || n == len(rows) {
		return n
	}
	for n > 1 && cell(rows[n-1]) == cell(rows[n]) {
		n--
	}
	return n
}

// confirm notes that the site has the request's rows.
func confirm(state *config.Synced, request wire.Usage) {
	if state.Rows == nil {
		state.Rows = make(map[string]config.Row)
	}
	if request.Mode == wire.Replace {
		replaced := make(map[string]bool)
		for _, r := range request.Rows {
			replaced[cell(r)] = true
		}
		for name, row := range state.Rows {
			if replaced[row.Cell] {
				delete(state.Rows, name)
			}
		}
	}
	for _, r := range request.Rows {
		state.Rows[payload.Name(r)] = config.Row{Cell: cell(r), Digest: payload.Digest(r), Tokens: tokens(r)}
	}
	state.LastSeq = request.Seq
}

// envelope is what the next request of u says beside its rows. The identity that pending set aside is used first.
func (a *App) envelope(u *upload, mode wire.Mode) payload.Envelope {
	n := len(u.requests)
	if n == len(u.pending.SyncIDs) {
		u.pending.SyncIDs = append(u.pending.SyncIDs, uuid.Must(uuid.NewV7()).String())
	}
	return payload.Envelope{
		SyncID:   u.pending.SyncIDs[n],
		Seq:      u.pending.Seq + int64(n),
		Mode:     mode,
		Client:   wire.Client{Name: "tokenflexing", Version: version.String(), OS: a.GOOS},
		Parsers:  a.revisions(),
		Sketches: u.sketches,
	}
}

// pending is the identity of the requests: the one a dry run just showed for the same rows and sketches, or a new one.
func (a *App) pending(digest string, confirmed config.Synced) config.Pending {
	now := a.Now()
	if p := confirmed.Pending; p != nil && p.Digest == digest && p.Seq > confirmed.LastSeq && now.Sub(p.At).Abs() < pendingFor {
		return *p
	}
	return config.Pending{Seq: max(confirmed.LastSeq+1, now.UnixMicro()), Digest: digest, At: now.UTC()}
}

func (a *App) revisions() map[string]int {
	revisions := make(map[string]int)
	for _, s := range a.Sources {
		if s.Read != nil {
			revisions[s.ID] = s.Revision
		}
	}
	return revisions
}

func cell(r wire.Day) string { return r.Day + " " + r.Source }

func tokens(r wire.Day) int64 { return payload.Days([]wire.Day{r})[0].Tokens.Total() }
