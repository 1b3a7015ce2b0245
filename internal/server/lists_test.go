package server

import (
	"cmp"
	"net/http"
	"slices"
	"testing"

	"tokenflex.ing/internal/server/accept"
	"tokenflex.ing/internal/wire"
)

// A model is listed under each name that the book has a price for, as the book says it.
func TestEveryModelOfTheBookIsListed(t *testing.T) {
	b := newBench(t)
	w := b.want(http.StatusOK, b.ask("GET", wire.PathModels, "", "", "Origin", "https://elsewhere.example"))
	if w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Header().Get("Cache-Control") != "public, max-age=3600" {
		t.Errorf("headers %v", w.Header())
	}
	listed := decode[wire.Models](b, w)
	prices := decode[wire.Pricing](b, b.want(http.StatusOK, b.ask("GET", wire.PathPricing, "", "")))
	if listed.AsOf != prices.AsOf {
		t.Errorf("of %s, the prices of %s", listed.AsOf, prices.AsOf)
	}
	byName := make(map[string]wire.Model)
	for _, m := range listed.Models {
		byName[m.Model] = m
	}
	for _, p := range prices.Models {
		m, ok := byName[p.Model]
		switch {
		case !ok || m.Provider != p.Provider || !slices.Equal(m.Aliases, p.Aliases) || m.From > p.From || m.Family == "":
			t.Errorf("%+v is listed as %+v", p, m)
		case p.To == "" && p.From <= listed.AsOf && (!slices.Contains(m.Bands, p.Band) || !slices.Contains(m.Tiers, p.Tier)):
			t.Errorf("%s lacks band %d or tier %s: %+v", p.Model, p.Band, p.Tier, m)
		}
	}
	if len(byName) != len(listed.Models) || !slices.IsSortedFunc(listed.Models, func(a, b wire.Model) int { return cmp.Compare(a.Model, b.Model) }) {
		t.Error("a name stands twice, or out of order")
	}
}

// A source's lines are those that its uploads are judged by on this host.
func TestSourcesAreListedWithTheLinesOfTheHost(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Lines = accept.DefaultLines().Scale(2) })
	bySlug := make(map[string]wire.Source)
	for _, s := range decode[wire.Sources](b, b.want(http.StatusOK, b.ask("GET", wire.PathSources, "", ""))).Sources {
		if !accept.ValidSource(s.Slug) || s.Name == "" || s.Aliases == nil {
			t.Errorf("%+v", s)
		}
		bySlug[s.Slug] = s
	}
	for slug, want := range map[string]wire.Source{
		"codex":    {Tier: "heavy", ReviewTokens: 24e9, ImpossibleTokens: 100e9},
		"cline":    {Tier: "middle", ReviewTokens: 6e9, ImpossibleTokens: 100e9},
		"continue": {Tier: "other", ReviewTokens: 2e9, ImpossibleTokens: 100e9},
	} {
		got := bySlug[slug]
		if got.Tier != want.Tier || got.ReviewTokens != want.ReviewTokens || got.ImpossibleTokens != want.ImpossibleTokens {
			t.Errorf("%s: %+v", slug, got)
		}
	}
}
