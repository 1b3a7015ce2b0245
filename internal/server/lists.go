package server

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"tokenflex.ing/internal/catalogue"
	"tokenflex.ing/internal/wire"
)

// otherTier is the tier of a source that the catalogue says nothing about, or does not have.
const otherTier = "other"

// getModels lists the models that have a price: the names that are shown in public whoever used them.
func (s *Server) getModels(w http.ResponseWriter, r *http.Request) error {
	answer := wire.Models{AsOf: s.Prices.Date(), Models: []wire.Model{}}
	today := s.Now().UTC().Format(time.DateOnly)
	for _, l := range s.Prices.List() {
		m := wire.Model{Model: l.ID, Provider: l.Provider, Family: l.Family, Aliases: append([]string{}, l.Aliases...), From: l.Prices[0].From}
		for _, rates := range l.On(today).Rates {
			m.Bands = append(m.Bands, int64(rates.Band))
			m.Tiers = append(m.Tiers, string(rates.Tier))
		}
		slices.Sort(m.Bands)
		slices.Sort(m.Tiers)
		m.Bands, m.Tiers = slices.Compact(m.Bands), slices.Compact(m.Tiers)
		answer.Models = append(answer.Models, m)
	}
	slices.SortFunc(answer.Models, func(a, b wire.Model) int { return cmp.Compare(a.Model, b.Model) })
	return writeList(w, r, answer)
}

// getSources lists the tools that the catalogue has, and above how many tokens a day of each waits for review.
func (s *Server) getSources(w http.ResponseWriter, r *http.Request) error {
	answer := wire.Sources{Sources: []wire.Source{}}
	for _, t := range catalogue.Tools() {
		line := s.Lines.OfSource(t.ID)
		answer.Sources = append(answer.Sources, wire.Source{Slug: t.ID, Name: t.Name, Aliases: append([]string{}, t.Aliases...),
			Tier: cmp.Or(string(t.Volume), otherTier), ReviewTokens: line.Review, ImpossibleTokens: line.Impossible})
	}
	return writeList(w, r, answer)
}

// writeList answers with what changes only with a release or the host's settings.
func writeList(w http.ResponseWriter, r *http.Request, list any) error {
	d, err := jsonDocument(list)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "public, max-age=3600")
	d.write(w, r)
	return nil
}
