package server

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"tokenflex.ing/internal/server/board"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

// maxDays is the longest span of days that one request may ask for.
const maxDays = 400

// getUser answers with a public profile.
func (s *Server) getUser(w http.ResponseWriter, r *http.Request) error {
	u, err := s.Store.PublicUser(r.Context(), r.PathValue("handle"))
	if err != nil {
		return err
	}
	days, err := s.Store.DaysOf(r.Context(), store.Actor{}, u.ID, store.Always.From, store.Always.To)
	if err != nil {
		return err
	}
	if err := s.names.Mask(r.Context(), days); err != nil {
		return err
	}
	f := figuresOf(days)
	answer := wire.Profile{Handle: u.Handle, Name: u.Name, Since: f.First, Totals: totals(f, u.Hidden), Hidden: u.Hidden.Names(), Sources: []wire.ProfilePart{}, Models: []wire.ProfilePart{}}
	if !u.Hidden.Has(store.HideDays) {
		streak, best := board.Streaks(dates(days), s.Now())
		answer.ActiveDays, answer.Streak, answer.BestStreak = ref(f.ActiveDays), ref(streak), ref(best)
	}
	if !u.Hidden.Has(store.HideSources) {
		answer.Sources = parts(days, u.Hidden, func(d usage.Day) string { return d.Source })
	}
	if !u.Hidden.Has(store.HideModels) {
		answer.Models = parts(days, u.Hidden, func(d usage.Day) string { return d.Model })
	}
	d, err := jsonDocument(answer)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "public, max-age=30")
	d.write(w, r)
	return nil
}

// getUserDays answers with the days of a public profile, by day, source and model.
func (s *Server) getUserDays(w http.ResponseWriter, r *http.Request) error {
	u, err := s.Store.PublicUser(r.Context(), r.PathValue("handle"))
	if err != nil {
		return err
	}
	from, to, err := s.readSpan(r)
	if err != nil {
		return err
	}
	days, err := s.Store.DaysOf(r.Context(), store.Actor{}, u.ID, from, to)
	if err != nil {
		return err
	}
	if err := s.names.Mask(r.Context(), days); err != nil {
		return err
	}
	d, err := jsonDocument(wire.ProfileDays{Handle: u.Handle, From: from, To: to, Items: profileDays(days, u.Hidden)})
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "public, max-age=30")
	d.write(w, r)
	return nil
}

// readSpan reads from and to; without them it is the last maxDays days.
func (s *Server) readSpan(r *http.Request) (from, to string, err error) {
	last := s.Now().UTC().Truncate(24 * time.Hour)
	if text := r.URL.Query().Get("to"); text != "" {
		if last, err = time.Parse(time.DateOnly, text); err != nil {
			return "", "", wrong("to", "is a date, YYYY-MM-DD")
		}
	}
	first := last.AddDate(0, 0, 1-maxDays)
	if first.Year() < 1 {
		first = time.Time{}
	}
	if text := r.URL.Query().Get("from"); text != "" {
		if first, err = time.Parse(time.DateOnly, text); err != nil {
			return "", "", wrong("from", "is a date, YYYY-MM-DD")
		}
	}
	if last.Before(first) || last.Sub(first) >= maxDays*24*time.Hour {
		return "", "", wrong("from", "is before to, by 400 days at most")
	}
	return first.Format(time.DateOnly), last.Format(time.DateOnly), nil
}

// profileDays sums days by date, source and model, in that order.
func profileDays(days []usage.Day, hidden store.Hidden) []wire.ProfileDay {
	type key struct{ day, source, model string }
	groups := make(map[key][]usage.Day)
	for _, d := range days {
		k := key{d.Date, d.Source, d.Model}
		groups[k] = append(groups[k], d)
	}
	items := make([]wire.ProfileDay, 0, len(groups))
	for k, group := range groups {
		items = append(items, wire.ProfileDay{Day: k.day, Source: k.source, Model: k.model, Totals: totals(figuresOf(group), hidden)})
	}
	slices.SortFunc(items, func(a, b wire.ProfileDay) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Model, b.Model))
	})
	return items
}

func figuresOf(days []usage.Day) store.Figures {
	var f store.Figures
	active := make(map[string]bool)
	for _, d := range days {
		f.Requests += d.Requests
		f.Tokens = f.Tokens.Add(d.Tokens)
		if d.Priced {
			f.Cost = f.Cost.Add(d.Cost)
		} else {
			f.Unpriced += d.Tokens.Total()
		}
		active[d.Date] = true
		if f.First == "" || d.Date < f.First {
			f.First = d.Date
		}
	}
	f.ActiveDays = len(active)
	return f
}

func dates(days []usage.Day) []string {
	all := make([]string, len(days))
	for i, d := range days {
		all[i] = d.Date
	}
	return all
}

// parts sums days by name, most tokens first.
func parts(days []usage.Day, hidden store.Hidden, name func(usage.Day) string) []wire.ProfilePart {
	groups := make(map[string][]usage.Day)
	for _, d := range days {
		groups[name(d)] = append(groups[name(d)], d)
	}
	all := make([]wire.ProfilePart, 0, len(groups))
	for name, group := range groups {
		f := figuresOf(group)
		part := wire.ProfilePart{Name: name, Tokens: f.Tokens.Total()}
		if !hidden.Has(store.HideCost) {
			part.CostUUSD, part.UnpricedTokens = ref(int64(f.Cost)), ref(f.Unpriced)
		}
		all = append(all, part)
	}
	slices.SortFunc(all, func(a, b wire.ProfilePart) int {
		return cmp.Or(cmp.Compare(b.Tokens, a.Tokens), cmp.Compare(a.Name, b.Name))
	})
	return all
}
