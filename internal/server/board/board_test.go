package board

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

var now = time.Date(2026, 11, 23, 23, 59, 59, 0, time.UTC)

func TestParsePeriod(t *testing.T) {
	period := func(s Span, name, from, to string) Period {
		return Period{s, store.Period{Name: name, From: from, To: to}}
	}
	for name, want := range map[string]Period{
		"day":        period(Day, "2026-11-23", "2026-11-23", "2026-11-23"),
		"week":       period(Week, "2026-W48", "2026-11-23", "2026-11-29"),
		"month":      period(Month, "2026-11", "2026-11-01", "2026-11-30"),
		"year":       period(Year, "2026", "2026-01-01", "2026-12-31"),
		"all":        {All, store.Always},
		"2024-02-29": period(Day, "2024-02-29", "2024-02-29", "2024-02-29"),
		"2026-W01":   period(Week, "2026-W01", "2025-12-29", "2026-01-04"),
		"2026-W53":   period(Week, "2026-W53", "2026-12-28", "2027-01-03"),
		"2024-02":    period(Month, "2024-02", "2024-02-01", "2024-02-29"),
		"2025":       period(Year, "2025", "2025-01-01", "2025-12-31"),
	} {
		got, err := ParsePeriod(name, now)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, bad := range []string{"", "today", "2026-13", "2026-02-30", "2026-W00", "2026-W54", "2025-W53", "2026-w47", "26", "0999", "2026-1", "2026-11-23T00:00:00Z", "+026", "2026-W-1", "9999-W52"} {
		if p, err := ParsePeriod(bad, now); err == nil {
			t.Errorf("%q is read as %+v", bad, p)
		}
	}
}

func TestTheDayEndsAtMidnightUTC(t *testing.T) {
	p, err := ParsePeriod("day", now.In(time.FixedZone("east", 14*3600)))
	if err != nil || p.Name != "2026-11-23" {
		t.Errorf("%+v %v", p, err)
	}
}

func TestBefore(t *testing.T) {
	for name, want := range map[string]string{"2026-11-01": "2026-10-31", "2026-W01": "2025-W52", "2027-W01": "2026-W53", "2026-01": "2025-12", "2026": "2025", "1001": "1000"} {
		p, err := ParsePeriod(name, now)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := p.Before(); !ok || got.Name != want {
			t.Errorf("before %s is %s", name, got.Name)
		}
	}
	for _, name := range []string{"all", "1000"} {
		p, err := ParsePeriod(name, now)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := p.Before(); ok {
			t.Errorf("before %s is %s", name, got.Name)
		}
	}
}

func TestCursors(t *testing.T) {
	key := []byte("key")
	b := store.Board{Period: "2026-11", Source: "codex", Metric: store.ByTokens}
	for _, m := range []store.Mark{{Value: 0, User: 1}, {Value: 1 << 50, User: 1 << 40}} {
		c := Cursor(key, b, m)
		if got, err := ParseCursor(key, b, c); err != nil || got != m {
			t.Errorf("%+v comes back as %+v, %v", m, got, err)
		}
		for name, other := range map[string]store.Board{"period": {Period: "2026", Source: "codex", Metric: store.ByTokens},
			"source": {Period: "2026-11", Metric: store.ByTokens}, "metric": {Period: "2026-11", Source: "codex", Metric: store.ByCost}} {
			if _, err := ParseCursor(key, other, c); err == nil {
				t.Errorf("the cursor passes for another %s", name)
			}
		}
		if _, err := ParseCursor([]byte("other"), b, c); err == nil {
			t.Error("the cursor of another server passes")
		}
		for i := range c {
			slip := c[:i] + string('A'+(c[i]-'A'+1)%26) + c[i+1:]
			if got, err := ParseCursor(key, b, slip); err == nil {
				t.Errorf("%q passes as %+v", slip, got)
			}
		}
	}
}

func FuzzCursor(f *testing.F) {
	key, b := []byte("key"), store.Board{Period: "2026-11", Metric: store.ByTokens}
	f.Add(Cursor(key, b, store.Mark{Value: 5, User: 7}))
	f.Add("")
	f.Add("djF8NXw3AAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, s string) {
		m, err := ParseCursor(key, b, s)
		if err == nil && Cursor(key, b, m) != s {
			t.Errorf("%q is read as %+v", s, m)
		}
	})
}

func FuzzPeriod(f *testing.F) {
	f.Add("2026-W47")
	f.Add("all")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePeriod(s, now)
		if err != nil {
			return
		}
		again, err := ParsePeriod(p.Name, now)
		if err != nil || again != p || p.From > p.To {
			t.Errorf("%q is read as %+v, and its name as %+v, %v", s, p, again, err)
		}
	})
}

func TestStreaks(t *testing.T) {
	for name, tt := range map[string]struct {
		days      []string
		now, best int
	}{
		"nothing":                 {nil, 0, 0},
		"today":                   {[]string{"2026-11-23"}, 1, 1},
		"yesterday still counts":  {[]string{"2026-11-21", "2026-11-22"}, 2, 2},
		"the day before does not": {[]string{"2026-11-20", "2026-11-21"}, 0, 2},
		"a gap":                   {[]string{"2026-11-23", "2026-11-21", "2026-11-20", "2026-11-19"}, 1, 3},
		"days come twice":         {[]string{"2026-11-23", "2026-11-22", "2026-11-23"}, 2, 2},
		"over a new year":         {[]string{"2025-12-31", "2026-01-01"}, 0, 2},
		"over a leap day":         {[]string{"2024-02-28", "2024-02-29", "2024-03-01"}, 0, 3},
	} {
		if n, best := Streaks(tt.days, now); n != tt.now || best != tt.best {
			t.Errorf("%s: %d, best %d, want %d, best %d", name, n, best, tt.now, tt.best)
		}
	}
}

func TestCountable(t *testing.T) {
	sum := func(n int64) store.Figures {
		return store.Figures{Requests: n, Tokens: usage.Tokens{Input: n}, Cost: usage.Money(n), Unpriced: n}
	}
	public := store.Part{Users: 100, Largest: 1, Figures: sum(10)}
	for _, tt := range []struct {
		name   string
		public store.Part
		add    store.Part
		want   int64
	}{
		{"nobody", public, store.Part{}, 10},
		{"one too few", public, store.Part{Users: MinCrowd - 1, Largest: 1, Figures: sum(4)}, 10},
		{"enough", public, store.Part{Users: MinCrowd, Largest: 1, Figures: sum(5)}, 15},
		{"one makes half of what they add", public, store.Part{Users: MinCrowd, Largest: 4, Figures: sum(8)}, 18},
		{"one makes more than half of what they add", public, store.Part{Users: MinCrowd, Largest: 5, Figures: sum(9)}, 10},
		{"one makes more than half of it all", store.Part{Users: 9, Largest: 9, Figures: sum(10)}, store.Part{Users: MinCrowd, Largest: 1, Figures: sum(5)}, 10},
	} {
		got, all := Countable(store.Crowd{Public: tt.public, Aggregate: tt.add})
		if diff := cmp.Diff(sum(tt.want), got); diff != "" || all != (tt.want > 10) {
			t.Errorf("%s, %v (-want +got):\n%s", tt.name, all, diff)
		}
	}
}

func TestShown(t *testing.T) {
	some := []store.Slice{{Source: "codex", Users: 7, Tokens: 70, Largest: 20, Aggregate: 5, AggregateTokens: 50, AggregateLargest: 20}, // shown whole
		{Source: "few", Users: 5, Tokens: 50, Largest: 10, Aggregate: 4, AggregateTokens: 40, AggregateLargest: 10},
		{Source: "hidden", Users: 4, Tokens: 40, Largest: 10, Aggregate: 4, AggregateTokens: 40, AggregateLargest: 10},
		{Source: "whale", Users: 9, Tokens: 90, Largest: 46, Aggregate: 8, AggregateTokens: 44, AggregateLargest: 6}}
	public := []store.Slice{{Source: "codex", Users: 2, Tokens: 20}, {Source: "few", Users: 1, Tokens: 10}, {Source: "whale", Users: 1, Tokens: 46}}
	if diff := cmp.Diff([]store.Slice{some[0], public[1], public[2]}, Shown(some, public)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// rare is a store in which nobody's model is known to many.
type rare struct {
	store.Boards
	asked int
}

func (r *rare) ModelUsers(context.Context, string, int) (int, error) {
	r.asked++
	return 1, nil
}

// A name that no price book has is asked for once for a page, however many lines have it.
func TestNamesAreAskedForOnce(t *testing.T) {
	r := &rare{}
	n := Names{Store: r, Knows: func(model string) bool { return model == "gpt-5" }}
	var shares []store.Share
	for user := range int64(50) {
		shares = append(shares, store.Share{User: user, Of: "their-own", Tokens: 2}, store.Share{User: user, Of: "gpt-5", Tokens: 1})
	}
	top, err := n.Top(t.Context(), shares)
	if err != nil || len(top) != 50 || top[7] != Other || r.asked != 1 {
		t.Errorf("%v, error %v, asked %d times", top, err, r.asked)
	}
}
