package report

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tokenflex.ing/internal/usage"
)

func TestOverviewWindows(t *testing.T) {
	day := func(back int) time.Time { return now.AddDate(0, 0, -back) }
	cells := usage.Cells([]usage.Record{
		record(day(0), "codex", "gpt", "s", "", 1), record(day(6), "codex", "gpt", "s", "", 10), record(day(7), "codex", "gpt", "s", "", 100),
		record(day(29), "claude-code", "mini", "s", "", 1000), record(day(30), "codex", "gpt", "s", "", 10_000), record(day(400), "codex", "gpt", "s", "", 100_000),
	})
	v := NewOverview(cells, book{}, Options{Zone: zones[1], Now: now})
	type window struct {
		Name          string
		Since         string
		Total, Before int64
	}
	var got []window
	for _, w := range v.Windows {
		got = append(got, window{w.Name, w.Since, w.Tokens.Total(), w.Before.Tokens.Total()})
	}
	want := []window{{"today", "2026-11-23", 1, 0}, {"7 days", "2026-11-17", 11, 100}, {"30 days", "2026-10-25", 1111, 10_000}, {"all time", "", 111_111, 0}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	last := v.Strip[len(v.Strip)-1]
	if diff := cmp.Diff(DayUsed{"2026-11-23", 1}, last); diff != "" || len(v.Strip) != StripDays {
		t.Error(len(v.Strip), diff)
	}
	if diff := cmp.Diff([]string{"[claude-code] 1000", "[codex] 111"}, rowLabels(&Report{Rows: v.Sources})); diff != "" {
		t.Error(diff)
	}
}

// The overview, its lists and its all-time row are the same figures as the daily report's.
func TestOverviewAddsUpToTheDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells, o := anyCells(t), anyOptions(t)
		v := NewOverview(cells, awkward, o)
		o.Kind, o.By, o.Limit, o.Sort = Daily, nil, 0, Sort{}
		daily := Build(cells, awkward, o).Totals
		if diff := cmp.Diff(daily, v.Totals) + cmp.Diff(daily, v.Windows[3].Sums); diff != "" {
			t.Fatal(diff)
		}
		for _, rows := range [][]Row{v.Sources, v.Models} {
			var sum Sums
			for _, r := range rows {
				sum = sum.Add(r.Sums)
			}
			if diff := cmp.Diff(v.Windows[2].Sums, sum) + cmp.Diff(v.Window30, sum); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

func TestExpire(t *testing.T) {
	day := func(back int) time.Time { return now.AddDate(0, 0, -back) }
	cells := usage.Cells([]usage.Record{
		record(day(22), "claude-code", "gpt", "a", "", 1), record(day(23), "claude-code", "gpt", "b", "", 10), record(day(27), "claude-code", "gpt", "c", "", 100),
		record(day(31), "claude-code", "gpt", "d", "", 1000), record(day(27), "codex", "gpt", "s", "", 10_000),
		// One session goes on, another was begun before the tool would delete it and has something to lose.
		record(day(26), "claude-code", "gpt", "e", "", 100_000), record(day(1), "claude-code", "gpt", "e", "", 1),
		record(day(40), "claude-code", "gpt", "f", "", 1_000_000), record(day(29), "claude-code", "gpt", "f", "", 1),
		record(day(28), "gemini-cli", "gpt", "", "", 5), record(day(2), "gemini-cli", "gpt", "", "", 7),
	})
	keeps := map[string]int{"claude-code": 30, "gemini-cli": 30}
	want := []Expiring{{Source: "claude-code", Tokens: 1_000_111, Days: 7}, {Source: "gemini-cli", Tokens: 5, Days: 2}}
	if diff := cmp.Diff(want, Expire(cells, keeps, now, time.Time{})); diff != "" {
		t.Error(diff)
	}
	want = []Expiring{{Source: "claude-code", Tokens: 10, Days: 7}}
	if diff := cmp.Diff(want, Expire(cells, keeps, now, day(25))); diff != "" {
		t.Errorf("after a sync: %s", diff)
	}
}
