package server

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"path"
	"strings"
	"time"

	"tokenflex.ing/internal/card"
	"tokenflex.ing/internal/server/board"
	"tokenflex.ing/internal/server/kept"
	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// getCard answers with a public account's card, as getBadge does with a badge.
func (s *Server) getCard(w http.ResponseWriter, r *http.Request) error {
	file := r.PathValue("file")
	form := path.Ext(file)
	if form != ".svg" && form != ".png" {
		return &refusal{code: wire.NotFound, detail: "a card ends in .svg or .png"}
	}
	v := page.Card{Handle: strings.TrimSuffix(file, form)}
	switch theme := page.Theme(r.URL.Query().Get("theme")); theme {
	case page.Auto, page.Light, page.Dark:
		v.Theme = theme
	default:
		return wrong("theme", "is light or dark")
	}
	_, p, err := s.readPeriod(r)
	if err != nil {
		return err
	}
	v.Period = pagePeriod(p)
	switch u, err := s.Store.PublicUser(r.Context(), v.Handle); {
	case errors.Is(err, store.ErrNotFound):
		v.Missing = true
	case err != nil:
		return err
	default:
		v.Hidden = pageHidden(u.Hidden)
		if err := s.fillCard(r.Context(), &v, u, p); err != nil {
			return err
		}
	}
	drawing := v.Drawing(page.Site{Origin: s.Site, Now: s.Now().UTC()})
	if form == ".svg" {
		writePicture(w, r, newDocument("image/svg+xml", drawing.SVG()))
		return nil
	}
	raster, err := s.rasters.of(r.Context(), drawing)
	if err != nil {
		return err
	}
	writePicture(w, r, newDocument("image/png", raster))
	return nil
}

func (s *Server) fillCard(ctx context.Context, v *page.Card, u store.User, p board.Period) error {
	on, err := s.placeIn(ctx, store.Actor{}, u.ID, p)
	if err != nil {
		return err
	}
	if on != nil {
		v.Standing, v.Sum, v.ActiveDays = on.standing, pageSum(on.line.Figures), on.line.ActiveDays
		beside, err := s.beside(ctx, asked{board: on.board, period: p}, on.ranks, []store.Line{on.line}, false)
		if err != nil {
			return err
		}
		v.Model = beside[0].model
	}
	now := s.Now()
	v.Days, err = s.Store.DaysOf(ctx, store.Actor{}, u.ID, page.FirstCardDay(now).Format(time.DateOnly), now.UTC().Format(time.DateOnly))
	return err
}

// rasters draws cards as PNG, one at a time, since each takes a processor for some hundredths of a second, and keeps the last.
type rasters struct {
	turn chan struct{} // of who draws
	kept *kept.Values[[sha256.Size]byte, []byte]
}

const (
	maxRasters = 64 // kept, twice: 13 MB
	rasterFor  = 10 * time.Minute
)

func newRasters(now func() time.Time) rasters {
	return rasters{make(chan struct{}, 1), kept.New[[sha256.Size]byte, []byte](maxRasters, rasterFor, now)}
}

func (d *rasters) of(ctx context.Context, c card.Card) ([]byte, error) {
	key := sha256.Sum256(c.SVG()) // which says all that is drawn
	if b, ok := d.kept.Get(key); ok {
		return b, nil
	}
	wait := time.NewTimer(patience)
	defer wait.Stop()
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-wait.C:
		return nil, store.ErrBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if b, ok := d.kept.Get(key); ok { // whoever was before drew it
		return b, nil
	}
	b, err := c.PNG()
	if err == nil {
		d.kept.Put(key, b)
	}
	return b, err
}
