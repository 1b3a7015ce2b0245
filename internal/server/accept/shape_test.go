package accept

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// reasonsOf returns why cells are held, by day and source.
func reasonsOf(t *testing.T, l Lines, r store.Review) map[string]string {
	t.Helper()
	holds, err := l.Judge(r)
	if err != nil {
		t.Fatal(err)
	}
	why := make(map[string]string)
	for _, h := range holds {
		why[h.Day+" "+h.Source] = h.Reason
	}
	return why
}

func wantReasons(t *testing.T, name string, l Lines, r store.Review, want map[string]string) {
	t.Helper()
	if want == nil {
		want = map[string]string{}
	}
	if diff := cmp.Diff(want, reasonsOf(t, l, r)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func held(reason string) map[string]string { return map[string]string{today + " codex": reason} }

// A day that is almost all output is no work with a tool that reads code. Fails without judgeShape's first check.
func TestOutputShare(t *testing.T) {
	day := func(output, rest int64) store.Review {
		return store.Review{Rows: one(func(d *usage.Day) {
			d.Requests, d.Tokens = 1_000_000, usage.Tokens{Output: output, CacheRead: rest}
		})}
	}
	wantReasons(t, "two fifths", testLines(), day(60_000_000, 90_000_000), nil)
	wantReasons(t, "a token more", testLines(), day(60_000_000, 89_999_999), held("output-share"))
	wantReasons(t, "a little, all of it output", testLines(), day(50_000_000, 0), nil)
	wantReasons(t, "a token more of it", testLines(), day(50_000_001, 0), held("output-share"))
	split := day(30_000_000, 0)
	split.Rows = append(split.Rows, split.Rows[0])
	split.Rows[1].Source, split.Rows[1].Device = "amp", 2
	wantReasons(t, "split over tools and devices", testLines(), split, map[string]string{today + " codex": "output-share", today + " amp": "output-share"})
}

// A day far above one's own days waits, if it is much at all. Fails without judgeShape's second check.
func TestGrowth(t *testing.T) {
	before := func(days int, each, now int64) store.Review {
		r := store.Review{From: today, To: today, Rows: []store.Row{cached(today, "codex", "m", 1, now)}}
		last, err := time.Parse(time.DateOnly, today)
		if err != nil {
			t.Fatal(err)
		}
		for i := range days {
			r.Before = append(r.Before, store.DayTotal{Day: last.AddDate(0, 0, -1-i).Format(time.DateOnly), Tokens: each})
		}
		return r
	}
	const million = 1_000_000
	wantReasons(t, "fifty times", testLines(), before(28, 50*million, 2500*million), nil)
	wantReasons(t, "a token more", testLines(), before(28, 50*million, 2500*million+1), held("growth"))
	wantReasons(t, "much from little", testLines(), before(28, million, 2000*million), nil)
	wantReasons(t, "a token more of it", testLines(), before(28, million, 2000*million+1), held("growth"))
	wantReasons(t, "six days make no median", testLines(), before(6, million, 2000*million+1), nil)
	wantReasons(t, "seven do", testLines(), before(7, million, 2000*million+1), held("growth"))
}

// Counters multiplied by ten no longer fit into requests. Fails if windows are not looked at.
func TestTenfoldCounters(t *testing.T) {
	honest := one(func(d *usage.Day) {
		d.Model, d.Requests, d.Tokens = "claude-opus-4-5", 400, usage.Tokens{Input: 400_000, CacheRead: 30_000_000, CacheWrite5m: 2_000_000, Output: 300_000}
	})
	wantReasons(t, "an honest day", testLines(), store.Review{Rows: honest}, nil)
	fake := honest
	for _, n := range []*int64{&fake[0].Tokens.Input, &fake[0].Tokens.CacheRead, &fake[0].Tokens.CacheWrite5m, &fake[0].Tokens.Output} {
		*n *= 10
	}
	wantReasons(t, "ten times of it", testLines(), store.Review{Rows: fake}, held("prompt-size"))
}

// Each model's own window and longest answer: on the line, and one over it.
func TestSizesOfModels(t *testing.T) {
	for _, tt := range []struct {
		model          string
		window, output int64
	}{
		{"claude-opus-4-5-20251101", 200_000, 64_000}, {"claude-opus-4-20250514", 200_000, 32_000}, {"claude-sonnet-4-5", 1_000_000, 64_000},
		{"claude-opus-4-6", anyWindow, anyOutput}, {"openrouter/openai/gpt-4o-mini", 128_000, 16_384}, {"gpt-4.1", 1_047_576, 32_768},
		{"o3-pro", 200_000, 100_000}, {"gemini-2.5-pro", 1_048_576, 65_536}, {"other", anyWindow, anyOutput},
	} {
		for _, over := range []int64{0, 1} {
			prompt := one(func(d *usage.Day) { d.Model, d.Requests, d.Tokens.Input = tt.model, 7, 7*tt.window+over })
			answer := one(func(d *usage.Day) { d.Model, d.Requests, d.Tokens.Output = tt.model, 7, 7*tt.output+over })
			var p, a map[string]string
			if over > 0 {
				p, a = held("prompt-size"), held("output-size")
			}
			wantReasons(t, tt.model, testLines(), store.Review{Rows: prompt}, p)
			wantReasons(t, tt.model, testLines(), store.Review{Rows: answer}, a)
		}
	}
}

// Cheap tokens that are renamed to the dearest model wait, twice over. Fails without judgeModel and without dear.
func TestRenamedModels(t *testing.T) {
	lines := testLines()
	lines.Prices, lines.DearDay = pricing.Embedded(), Line{500_000_000, 1 << 50}
	row := func(source, model string) store.Review {
		return store.Review{Rows: one(func(d *usage.Day) { d.Source, d.Model, d.Requests, d.Tokens.Output = source, model, 100, 1000 })}
	}
	for _, tt := range []struct{ source, model, want string }{
		{"claude-code", "claude-opus-4-5", ""}, {"claude-code", "claude-opus-4-1", ""}, {"claude-code", "glm-4.6", ""}, {"claude-code", "gpt-5", ""},
		{"claude-code", "other", ""}, {"claude-code", "o1-pro", "model"}, {"codex", "claude-opus-4-1", "model"}, {"codex", "gpt-5", ""},
		{"codex", "o1-pro", ""}, {"gemini-cli", "o1-pro", "model"}, {"opencode", "o1-pro", ""}, {"cursor", "claude-opus-4-1", ""},
	} {
		var want map[string]string
		if tt.want != "" {
			want = map[string]string{today + " " + tt.source: tt.want}
		}
		wantReasons(t, tt.source+" with "+tt.model, lines, row(tt.source, tt.model), want)
	}
	for _, tt := range []struct {
		model string
		cost  usage.Money
		want  map[string]string
	}{
		{"o1-pro", 500_000_000, nil}, {"o1-pro", 500_000_001, map[string]string{today + " codex": "dear"}}, {"gpt-5", 900_000_000, nil},
	} {
		r := row("codex", tt.model)
		r.Rows[0].Cost, r.Rows[0].Priced = tt.cost, true
		wantReasons(t, tt.model, lines, r, tt.want)
	}
	split := row("codex", "o1-pro")
	split.Rows[0].Cost, split.Rows[0].Priced = 300_000_000, true
	other := split.Rows[0]
	other.Source, other.Device = "opencode", 2
	split.Rows = append(split.Rows, other)
	wantReasons(t, "split", lines, split, map[string]string{today + " codex": "dear", today + " opencode": "dear"})
}

// Days that a parser read which is known to be wrong wait until a later one read them again.
func TestRevisions(t *testing.T) {
	lines := testLines()
	lines.Parsers = map[string]int{"codex": 2}
	for revision, want := range map[int]map[string]string{0: held("parser"), 1: held("parser"), 2: nil, 3: nil} {
		rows := one(func(d *usage.Day) { d.Tokens.CacheRead = 5 })
		rows[0].Parser = revision
		wantReasons(t, "a revision", lines, store.Review{Rows: rows}, want)
	}
}

// The lines about the account as a whole, each at the line, one over it, and where it is impossible.
func TestAccountLines(t *testing.T) {
	lines := testLines()
	lines.Devices, lines.Rows, lines.PastDays, lines.PastTokens = Line{2, 4}, Line{10, 20}, Line{5, 9}, Line{100, 200}
	now := noon
	rows := []store.Row{cached(today, "codex", "m", 1, 10), cached(today, "amp", "m", 3, 10), cached("2026-11-01", "codex", "m", 1, 10)}
	for i := range rows {
		rows[i].First = now
	}
	devices := func(n int64) (all []int64) {
		for i := range n {
			all = append(all, i+1)
		}
		return all
	}
	for _, tt := range []struct {
		reason string
		review func(n int64) store.Review
		line   Line
		want   map[string]string
	}{
		{"devices", func(n int64) store.Review { return store.Review{Devices: devices(n)} }, lines.Devices, map[string]string{today + " amp": "devices"}},
		{"rows", func(n int64) store.Review { return store.Review{Stored: n} }, lines.Rows,
			map[string]string{today + " amp": "rows", today + " codex": "rows", "2026-11-01 codex": "rows"}},
		{"past days", func(n int64) store.Review { return store.Review{Past: store.Past{Days: n}} }, lines.PastDays, map[string]string{"2026-11-01 codex": "past"}},
		{"past tokens", func(n int64) store.Review { return store.Review{Past: store.Past{Tokens: n}} }, lines.PastTokens, map[string]string{"2026-11-01 codex": "past"}},
	} {
		for _, n := range []int64{tt.line.Review - 1, tt.line.Review, tt.line.Review + 1, tt.line.Impossible} {
			r := tt.review(n)
			r.From, r.To, r.Rows = "2026-11-01", today, rows
			want := tt.want
			if n <= tt.line.Review {
				want = nil
			}
			wantReasons(t, tt.reason, lines, r, want)
		}
		r := tt.review(tt.line.Impossible + 1)
		r.Rows = rows
		var e *ErrImpossible
		if _, err := lines.Judge(r); !errors.As(err, &e) {
			t.Errorf("%s above the impossible: %v", tt.reason, err)
		}
	}
}

// A day is past from its third day after on.
func TestWhenDaysArePast(t *testing.T) {
	for first, want := range map[string]bool{"2026-11-23T12:00:00Z": false, "2026-11-25T23:59:59Z": false, "2026-11-26T00:00:00Z": true} {
		at, err := time.Parse(time.RFC3339, first)
		if err != nil {
			t.Fatal(err)
		}
		if got := past(store.Row{First: at, Day: usage.Day{Key: usage.Key{Date: today}}}); got != want {
			t.Errorf("first told of at %s: %t", first, got)
		}
	}
}

// A history that somebody else sent first waits.
func TestSharedHistories(t *testing.T) {
	r := store.Review{Rows: []store.Row{cached(today, "codex", "m", 1, 10)}, Shared: []store.Cell{{Day: today, Source: "codex"}}}
	wantReasons(t, "shared", testLines(), r, held("shared"))
}
