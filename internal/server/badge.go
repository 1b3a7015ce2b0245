package server

import (
	"errors"
	"net/http"
	"strings"

	"tokenflex.ing/internal/server/board"
	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// getBadge answers with one figure of a public account as a picture. For whom there is none, the picture says so: pages elsewhere
// keep a 404 for long.
func (s *Server) getBadge(w http.ResponseWriter, r *http.Request) error {
	handle, ok := strings.CutSuffix(r.PathValue("file"), ".svg")
	if !ok {
		return &refusal{code: wire.NotFound, detail: "a badge ends in .svg"}
	}
	v := page.Badge{Figure: page.FigureRank}
	if name := r.URL.Query().Get("metric"); name != "" {
		if v.Figure, ok = page.ParseFigure(name); !ok {
			return wrong("metric", "is rank, tokens, cost or streak")
		}
	}
	_, p, err := s.readPeriod(r)
	if err != nil {
		return err
	}
	v.Period = pagePeriod(p)
	switch u, err := s.Store.PublicUser(r.Context(), handle); {
	case errors.Is(err, store.ErrNotFound):
		v.Missing = true
	case err != nil:
		return err
	default:
		v.Hidden = pageHidden(u.Hidden)
		if err := s.fillBadge(r, &v, u, p); err != nil {
			return err
		}
	}
	writePicture(w, r, newDocument("image/svg+xml", v.SVG(s.Now())))
	return nil
}

func (s *Server) fillBadge(r *http.Request, v *page.Badge, u store.User, p board.Period) error {
	if v.Figure == page.FigureStreak {
		if v.Hidden.Days {
			return nil
		}
		days, err := s.Store.DaysOf(r.Context(), store.Actor{}, u.ID, store.Always.From, store.Always.To)
		v.Streak, _ = board.Streaks(dates(days), s.Now())
		return err
	}
	on, err := s.placeIn(r.Context(), store.Actor{}, u.ID, p)
	if on != nil {
		v.Standing, v.Sum = on.standing, pageSum(on.line.Figures)
	}
	return err
}
