package report

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/usage"
)

func TestPlansAreComparedWithWholeMonths(t *testing.T) {
	days := []usage.Day{
		{Key: usage.Key{Date: "2026-09-30", Source: "codex"}, Tokens: usage.Tokens{Input: 5}, Cost: 50, Priced: true},
		{Key: usage.Key{Date: "2026-10-01", Source: "claude-code"}, Tokens: usage.Tokens{Input: 1}, Cost: 10, Priced: true},
		{Key: usage.Key{Date: "2026-10-31", Source: "codex"}, Tokens: usage.Tokens{Input: 2}, Cost: 20, Priced: true},
		{Key: usage.Key{Date: "2026-11-20", Source: "claude-code"}, Tokens: usage.Tokens{Input: 3}, Cost: 30, Priced: true},
		{Key: usage.Key{Date: "2026-11-20", Source: "claude-code", Model: "aurora"}, Tokens: usage.Tokens{Input: 4}},
	}
	max := Plan{Name: "Max", Price: 200_000_000, Sources: []string{"claude-code"}, From: "2026-10-15"}
	all := Plan{Name: "All", Price: 1, Until: "2026-10-01"}
	in := func(name, month string, paid, cost usage.Money, tokens, unpriced int64) PlanMonth {
		return PlanMonth{name, month, paid, Sums{Tokens: usage.Tokens{Input: tokens}, Cost: cost, Unpriced: unpriced}}
	}
	for _, c := range []struct {
		name string
		o    Options
		want []PlanMonth
	}{
		{"none", Options{}, nil},
		{"all time", Options{Plans: []Plan{max, all}}, []PlanMonth{in("All", "2026-09", 1, 50, 5, 0), in("Max", "2026-10", 200_000_000, 10, 1, 0),
			in("All", "2026-10", 1, 30, 3, 0), in("Max", "2026-11", 200_000_000, 30, 7, 4)}},
		{"from within a month", Options{Plans: []Plan{max}, Since: "2026-10-02"}, []PlanMonth{in("Max", "2026-11", 200_000_000, 30, 7, 4)}},
		{"until within a month", Options{Plans: []Plan{max}, Until: "2026-11-22"}, []PlanMonth{in("Max", "2026-10", 200_000_000, 10, 1, 0)}},
		{"until today", Options{Plans: []Plan{max}, Since: "2026-11-01", Until: "2026-11-23"}, []PlanMonth{in("Max", "2026-11", 200_000_000, 30, 7, 4)}},
		{"a part of it", Options{Plans: []Plan{max}, Models: []string{"gpt-5"}}, nil},
	} {
		c.o.Zone, c.o.Now = time.UTC, time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
		if diff := cmp.Diff(c.want, planMonths(days, c.o, monthsOf(days))); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
	}
}
