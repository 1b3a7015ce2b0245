package accept

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// cached is a row that passes no line but those of tokens.
func cached(date, source, model string, device, tokens int64) store.Row {
	return store.Row{Device: device, Day: usage.Day{Key: usage.Key{Date: date, Source: source, Model: model, Tier: usage.Standard},
		Requests: 1 + tokens/1_000_000, Tokens: usage.Tokens{CacheRead: tokens}}}
}

const today = "2026-11-23"

func one(change func(d *usage.Day)) []store.Row {
	row := cached(today, "codex", "gpt-5", 1, 0)
	change(&row.Day)
	return []store.Row{row}
}

// testLines are small, so that every line can be reached without passing another.
func testLines() Lines {
	far := Line{1 << 50, 1 << 50}
	return Lines{SourceDay: map[string]Line{"codex": far}, AnySourceDay: far, OutputDay: far, UserDay: far, UserMonth: far, FreshDay: far,
		RequestsDay: far, CostDay: far, ModelsDay: far}
}

// Each line lets through what is on it, holds what is one over its review, refuses what is one over its impossible.
func TestLines(t *testing.T) {
	const review, impossible = 100, 200
	line := Line{review, impossible}
	for _, tt := range []struct {
		reason string
		set    func(*Lines)
		rows   func(n int64) []store.Row
	}{
		{"source-day", func(l *Lines) { l.SourceDay["codex"] = line }, func(n int64) []store.Row {
			return one(func(d *usage.Day) { d.Tokens.CacheRead = n })
		}},
		{"source-day", func(l *Lines) { l.SourceDay, l.AnySourceDay = nil, line }, func(n int64) []store.Row {
			return one(func(d *usage.Day) { d.Tokens.CacheRead = n })
		}},
		{"output-day", func(l *Lines) { l.OutputDay = line }, func(n int64) []store.Row {
			return one(func(d *usage.Day) { d.Tokens.Output = n })
		}},
		{"user-day", func(l *Lines) { l.UserDay = line }, func(n int64) []store.Row {
			return one(func(d *usage.Day) { d.Tokens.CacheRead = n })
		}},
		{"user-month", func(l *Lines) { l.UserMonth = line }, func(n int64) []store.Row {
			return one(func(d *usage.Day) { d.Tokens.CacheRead = n })
		}},
		{"fresh-input", func(l *Lines) { l.FreshDay = line }, func(n int64) []store.Row {
			return one(func(d *usage.Day) {
				d.Tokens = usage.Tokens{Input: n - 30, CacheWrite5m: 10, CacheWrite1h: 20, CacheRead: 1000}
			})
		}},
		{"requests", func(l *Lines) { l.RequestsDay = line }, func(n int64) []store.Row {
			return one(func(d *usage.Day) { d.Requests = n })
		}},
		{"cost", func(l *Lines) { l.CostDay = line }, func(n int64) []store.Row {
			return one(func(d *usage.Day) { d.Cost, d.Priced = usage.Money(n), true })
		}},
		{"models", func(l *Lines) { l.ModelsDay = line }, func(n int64) []store.Row {
			var rows []store.Row
			for i := range n {
				rows = append(rows, cached(today, "codex", fmt.Sprint("model", i), 1, 1))
			}
			return rows
		}},
	} {
		lines := testLines()
		tt.set(&lines)
		for _, n := range []int64{review - 1, review, review + 1, impossible - 1, impossible, impossible + 1} {
			holds, err := lines.Judge(store.Review{From: today, To: today, Rows: tt.rows(n)})
			var want []store.Hold
			if n > review && n <= impossible {
				want = []store.Hold{{Day: today, Source: "codex", Reason: tt.reason, Line: review, Value: n}}
			}
			if diff := cmp.Diff(want, holds); diff != "" {
				t.Errorf("%s at %d (-want +got):\n%s", tt.reason, n, diff)
			}
			var e *ErrImpossible
			if refused := errors.As(err, &e); refused != (n > impossible) || refused && e.Day != today {
				t.Errorf("%s at %d: %v", tt.reason, n, err)
			}
		}
	}
}

func TestRequestSizes(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(d *usage.Day)
		want   string
	}{
		{"a prompt of the largest window", func(d *usage.Day) { d.Requests, d.Tokens.Input = 3, 3_300_000 }, ""},
		{"one token more", func(d *usage.Day) { d.Requests, d.Tokens.Input = 3, 3_300_001 }, "prompt-size"},
		{"the longest answer", func(d *usage.Day) { d.Requests, d.Tokens.Output = 3, 384_000 }, ""},
		{"one token longer", func(d *usage.Day) { d.Requests, d.Tokens.Output = 3, 384_001 }, "output-size"},
		{"a million without a request", func(d *usage.Day) { d.Requests, d.Tokens.CacheRead = 0, 1_000_000 }, ""},
		{"and one token", func(d *usage.Day) { d.Requests, d.Tokens.CacheRead = 0, 1_000_001 }, "no-requests"},
	} {
		holds, err := testLines().Judge(store.Review{Rows: one(tt.change)})
		got := ""
		if len(holds) > 0 {
			got = holds[0].Reason
		}
		if err != nil || got != tt.want {
			t.Errorf("%s: held for %q, want %q, error %v", tt.name, got, tt.want, err)
		}
	}
}

// However a day is split, its lines are the same.
func TestSplittingEvadesNothing(t *testing.T) {
	lines := testLines()
	lines.SourceDay["codex"] = Line{100, 200}
	lines.SourceDay["gemini-cli"], lines.SourceDay["gemini"] = Line{100, 200}, Line{100, 200}
	lines.UserDay = Line{150, 300}
	lines.UserMonth = Line{500, 1000}
	cell := func(date, source, reason string, line, value int64) store.Hold {
		return store.Hold{Day: date, Source: source, Reason: reason, Line: line, Value: value}
	}
	month := func(tokens int64) store.Review {
		r := store.Review{From: today, To: today, Rows: []store.Row{cached(today, "codex", "m", 1, 10)}}
		last, err := time.Parse(time.DateOnly, today)
		if err != nil {
			t.Fatal(err)
		}
		for i := 1; i < store.RollingDays; i++ {
			r.Before = append(r.Before, store.DayTotal{Day: last.AddDate(0, 0, -i).Format(time.DateOnly), Tokens: tokens})
		}
		r.Before = append(r.Before, store.DayTotal{Day: last.AddDate(0, 0, -store.RollingDays).Format(time.DateOnly), Tokens: 1_000_000})
		return r
	}
	for name, tt := range map[string]struct {
		review store.Review
		want   []store.Hold
	}{
		"over models": {store.Review{Rows: []store.Row{cached(today, "codex", "a", 1, 51), cached(today, "codex", "b", 1, 50)}},
			[]store.Hold{cell(today, "codex", "source-day", 100, 101)}},
		"over devices": {store.Review{Rows: []store.Row{cached(today, "codex", "a", 1, 51), cached(today, "codex", "a", 2, 50)}},
			[]store.Hold{cell(today, "codex", "source-day", 100, 101)}},
		"over names of a tool": {store.Review{Rows: []store.Row{cached(today, "gemini", "a", 1, 51), cached(today, "gemini-cli", "a", 1, 50)}},
			[]store.Hold{cell(today, "gemini", "source-day", 100, 101), cell(today, "gemini-cli", "source-day", 100, 101)}},
		"over tools": {store.Review{Rows: []store.Row{cached(today, "codex", "a", 1, 76), cached(today, "other", "a", 1, 75)}},
			[]store.Hold{cell(today, "codex", "user-day", 150, 151), cell(today, "other", "user-day", 150, 151)}},
		"over two days, which are two lines": {store.Review{Rows: []store.Row{cached(today, "codex", "a", 1, 100), cached("2026-11-22", "codex", "a", 1, 100)}}, nil},
		"over 30 days":                       {month(17), []store.Hold{cell(today, "codex", "user-month", 500, 503)}},
		"below the line over 30 days":        {month(16), nil},
	} {
		holds, err := lines.Judge(tt.review)
		if diff := cmp.Diff(tt.want, holds); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestScaleMovesReviewAlone(t *testing.T) {
	l := DefaultLines()
	team := l.Scale(3)
	if team.UserDay != (Line{3 * l.UserDay.Review, l.UserDay.Impossible}) || team.SourceDay["codex"].Review != 3*l.SourceDay["codex"].Review {
		t.Errorf("scaled %+v", team)
	}
	if l.SourceDay["codex"] != DefaultLines().SourceDay["codex"] {
		t.Error("scaling changed the lines that it was made from")
	}
	if huge := l.Scale(1000); huge.UserDay.Review != huge.UserDay.Impossible {
		t.Errorf("review above impossible: %+v", huge.UserDay)
	}
}
