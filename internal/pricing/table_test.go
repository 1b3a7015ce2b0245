package pricing

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/usage"
)

func TestADayWithoutAPriceIsNotFree(t *testing.T) {
	days := []usage.Day{
		{Key: usage.Key{Date: "2026-11-01", Model: "aurora-1-preview"}, Requests: 2, Tokens: usage.Tokens{Input: 10, Output: 1}, Cost: 7, Priced: true},
		{Key: usage.Key{Date: "2026-11-01", Model: "claude-sonnet-4-5"}, Requests: 1, Tokens: usage.Tokens{Input: 100, Output: 1}},
		{Key: usage.Key{Date: "2026-11-02", Model: "aurora-1-preview"}, Requests: 1, Tokens: usage.Tokens{CacheRead: 5}},
		{Key: usage.Key{Date: "2026-11-02", Model: "nobody-2"}, Requests: 1, Tokens: usage.Tokens{Input: 99}},
	}
	unpriced := Embedded().Price(days)
	if diff := cmp.Diff([]Unpriced{{"nobody-2", 99, 1}, {"aurora-1-preview", 16, 3}}, unpriced); diff != "" {
		t.Error(diff)
	}
	var costs []usage.Money
	var priced []bool
	for _, d := range days {
		costs, priced = append(costs, d.Cost), append(priced, d.Priced)
	}
	if diff := cmp.Diff([]usage.Money{0, 315, 0, 0}, costs); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]bool{false, true, false, false}, priced); diff != "" {
		t.Error(diff)
	}
}
