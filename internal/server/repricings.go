package server

import (
	"context"
	"net/http"
	"slices"

	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// maxRepricings is how many changes of the price book the log shows.
const maxRepricings = 20

// readRepricings returns the public log, with the names of models that may be shown.
func (s *Server) readRepricings(ctx context.Context) ([]store.Repriced, error) {
	log, err := s.Store.Repricings(ctx, maxRepricings)
	if err != nil {
		return nil, err
	}
	for i := range log {
		for j, m := range log[i].Models {
			if log[i].Models[j], err = s.names.Show(ctx, m); err != nil {
				return nil, err
			}
		}
		slices.Sort(log[i].Models)
		log[i].Models = slices.Compact(log[i].Models)
	}
	return log, nil
}

// getRepricings answers with the log of what changed when the price book did.
func (s *Server) getRepricings(w http.ResponseWriter, r *http.Request) error {
	log, err := s.readRepricings(r.Context())
	if err != nil {
		return err
	}
	answer := wire.Repricings{Items: make([]wire.Repricing, len(log))}
	for i, e := range log {
		item := wire.Repricing{From: e.From, To: e.To, StartedAt: stamp(e.Started), FinishedAt: stamp(e.Finished), Accounts: e.Accounts, Moved: e.Moved,
			Models: e.Models, Lines: make([]wire.RepricedLine, len(e.Lines))}
		for j, l := range e.Lines {
			item.Lines[j] = wire.RepricedLine{Handle: l.Handle, Rows: l.Rows, BeforeUUSD: int64(l.Before), AfterUUSD: int64(l.Now)}
		}
		answer.Items[i] = item
	}
	d, err := jsonDocument(answer)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "public, max-age=60")
	d.write(w, r)
	return nil
}

// repricingsPage prints the log.
func (s *Server) repricingsPage(w http.ResponseWriter, r *http.Request) error {
	log, err := s.readRepricings(r.Context())
	if err != nil {
		return err
	}
	v := page.Repricings{}
	for _, e := range log {
		p := page.Repricing{From: e.From, To: e.To, Started: e.Started, Finished: e.Finished, Accounts: e.Accounts, Moved: e.Moved, Models: e.Models}
		for _, l := range e.Lines {
			p.Lines = append(p.Lines, page.RepricedLine{Handle: l.Handle, Before: l.Before, Now: l.Now})
		}
		v.Log = append(v.Log, p)
	}
	return s.show(w, r, v)
}
