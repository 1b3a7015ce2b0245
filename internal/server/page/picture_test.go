package page_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/usage"
)

func TestBadgesInWords(t *testing.T) {
	month := &page.Standing{Rank: 1137, Tied: true, Of: 41_208, Period: november, Tokens: 999_999}
	sum := page.Sum{Kinds: usage.Tokens{Input: 900_000, Output: 99_999}, Cost: 2_460_000, Unpriced: 5}
	year := page.Period{Span: page.Year, From: day(2026, 1, 1), To: day(2026, 12, 31)}
	for _, tt := range []struct {
		badge page.Badge
		want  string
	}{
		{page.Badge{Figure: page.FigureRank, Period: november, Standing: month}, "tokens in Nov: #1,137= of 41,208"},
		{page.Badge{Figure: page.FigureTokens, Period: november, Standing: month}, "tokens in Nov: 999.99K"},
		{page.Badge{Figure: page.FigureCost, Period: november, Standing: month, Sum: sum}, "tokens in Nov, list price: $2.46+?"},
		{page.Badge{Figure: page.FigureCost, Period: november, Standing: month, Sum: page.Sum{Kinds: sum.Kinds, Unpriced: 999_999}}, "tokens in Nov, list price: ?"},
		{page.Badge{Figure: page.FigureCost, Period: november, Standing: month, Sum: sum, Hidden: page.Hidden{Cost: true}}, "tokens in Nov, list price: not shown"},
		{page.Badge{Figure: page.FigureStreak, Period: november, Streak: 1}, "token streak: 1 day"},
		{page.Badge{Figure: page.FigureStreak, Period: november, Streak: 41, Hidden: page.Hidden{Days: true}}, "token streak: not shown"},
		{page.Badge{Figure: page.FigureTokens, Period: year, Standing: month}, "tokens in 2026: 999.99K"},
		{page.Badge{Figure: page.FigureTokens, Period: page.Period{Span: page.Month, From: day(2025, 11, 1)}, Standing: month}, "tokens in Nov 2025: 999.99K"},
		{page.Badge{Figure: page.FigureTokens, Period: page.Period{Span: page.Week, From: day(2026, 11, 16)}}, "tokens in Week 47, 2026: none yet"},
		{page.Badge{Figure: page.FigureTokens, Period: page.Period{Span: page.Day, From: day(2026, 11, 22)}}, "tokens on 22 Nov: none yet"},
		{page.Badge{Figure: page.FigureRank, Period: page.Period{Span: page.All}}, "tokens, all time: none yet"},
		{page.Badge{Figure: page.FigureRank, Period: page.Period{Span: page.Days7}, Standing: month}, "tokens in 7 days: #1,137= of 41,208"},
		{page.Badge{Figure: page.FigureCost, Period: year, Missing: true}, "tokens: not found"},
	} {
		if svg := string(tt.badge.SVG(now)); !strings.Contains(svg, "<title>"+strings.ReplaceAll(tt.want, "<", "&lt;")+"</title>") {
			t.Errorf("%s, want %q", regexp.MustCompile("<title>.*</title>").FindString(svg), tt.want)
		}
	}
}

func TestCardsInWords(t *testing.T) {
	of := func(change func(*page.Card)) page.Card {
		v := page.Card{Handle: "mira", Period: november, Standing: &page.Standing{Rank: 3, Of: 812, Period: november, Tokens: 1_204_881_337_902},
			Sum: page.Sum{Kinds: usage.Tokens{Input: 50, Output: 50}, Cost: 318_400_000}, ActiveDays: 13, Model: "gpt-5"}
		change(&v)
		return v
	}
	for _, tt := range []struct {
		card  page.Card
		title string
		foot  string
	}{
		{of(func(*page.Card) {}), "mira: 1.20T tokens in Nov, number 3 of 812", "13 of 23 days · $318.40 list price · gpt-5"},
		{of(func(v *page.Card) { v.Hidden.Days = true }), "mira: 1.20T tokens in Nov, number 3 of 812", "$318.40 list price · gpt-5"},
		{of(func(v *page.Card) { v.Hidden = page.Hidden{Cost: true, Models: true} }), "mira: 1.20T tokens in Nov, number 3 of 812", "13 of 23 days"},
		{of(func(v *page.Card) { v.Sum.Unpriced = 25 }), "mira: 1.20T tokens in Nov, number 3 of 812", "13 of 23 days · $318.40 list price, 75.0% of tokens priced · gpt-5"},
		{of(func(v *page.Card) { v.Sum.Unpriced, v.Sum.Cost = 100, 0 }), "mira: 1.20T tokens in Nov, number 3 of 812", "13 of 23 days · no known price · gpt-5"},
		{of(func(v *page.Card) {
			v.Period = page.Period{Span: page.Month, From: day(2026, 2, 1), To: day(2026, 2, 28)}
		}), "mira: 1.20T tokens in Feb, number 3 of 812", "13 of 28 days · $318.40 list price · gpt-5"},
		{of(func(v *page.Card) { v.Period = page.Period{Span: page.All} }), "mira: 1.20T tokens, all time, number 3 of 812", "13 active days · $318.40 list price · gpt-5"},
		{page.Card{Handle: "mira", Period: november}, "mira: 0 tokens in Nov", ""},
		{page.Card{Handle: "mira", Period: november, Missing: true}, "Nothing is printed here", ""},
	} {
		got := tt.card.Drawing(site("", ""))
		if got.Title != tt.title || got.Foot != tt.foot || got.Site != "tokenflex.example" {
			t.Errorf("%q and %q, want %q and %q", got.Title, got.Foot, tt.title, tt.foot)
		}
	}
	first := page.FirstCardDay(now)
	if d := now.Sub(first); first.Weekday() != time.Monday || d < 46*7*24*time.Hour || d > 47*7*24*time.Hour {
		t.Errorf("the strip begins on %s", first)
	}
}
