package report

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/usage"
)

// book prices each token of a model alike, in pico-dollars.
type book map[string]int64

func (b book) Date() string { return "2026-11-20" }

func (b book) Cost(k usage.Key, t usage.Tokens) (usage.Pico, bool) {
	price, ok := b[k.Model]
	return usage.PicoOf(t.Total(), price), ok
}

func (b book) Rate(k usage.Key) (func(usage.Tokens) usage.Pico, bool) {
	_, ok := b[k.Model]
	return func(t usage.Tokens) usage.Pico { cost, _ := b.Cost(k, t); return cost }, ok
}

func (b book) Price(days []usage.Day) []pricing.Unpriced {
	var missing []pricing.Unpriced
	for i, d := range days {
		cost, ok := b.Cost(d.Key, d.Tokens)
		days[i].Cost, days[i].Priced = cost.Round(), ok
		if !ok {
			missing = append(missing, pricing.Unpriced{Model: d.Model, Tokens: d.Tokens.Total(), Requests: d.Requests})
		}
	}
	return missing
}

// awkward prices leave a remainder nearly everywhere.
var awkward = book{"opus-20251101": 333_333, "gpt": 1_750_001, "mini": 7}

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

var zones = []*time.Location{time.UTC, zone("Europe/Berlin"), zone("America/Los_Angeles"), zone("Asia/Kathmandu"), zone("Pacific/Kiritimati"), zone("Australia/Lord_Howe")}

var now = time.Date(2026, 11, 23, 14, 32, 0, 0, zones[1])

func anyCells(t *rapid.T) []usage.Cell {
	record := rapid.Custom(func(t *rapid.T) usage.Record {
		n := rapid.Int64Range(0, 300_000)
		out := n.Draw(t, "output")
		return usage.Record{
			Source:  rapid.SampledFrom([]string{"claude-code", "codex", "gemini-cli"}).Draw(t, "source"),
			Model:   rapid.SampledFrom([]string{"opus-20251101", "gpt", "mini", "aurora", ""}).Draw(t, "model"),
			Session: rapid.SampledFrom([]string{"s1", "s2", "s3", ""}).Draw(t, "session"),
			Project: rapid.SampledFrom([]string{"/a/web", "/b/web", `C:\src\api`, ""}).Draw(t, "project"),
			Time:    now.Add(-time.Duration(rapid.IntRange(0, 60*24*70).Draw(t, "minutes")) * time.Minute),
			Tier:    rapid.SampledFrom(usage.Tiers[:]).Draw(t, "tier"),
			Tokens: usage.Tokens{Input: n.Draw(t, "input"), CacheRead: n.Draw(t, "read"), CacheWrite5m: n.Draw(t, "5m"), CacheWrite1h: n.Draw(t, "1h"),
				Output: out, Reasoning: rapid.Int64Range(0, out).Draw(t, "reasoning")},
		}
	})
	return usage.Cells(rapid.SliceOfN(record, 0, 60).Draw(t, "records"))
}

var kinds = []Kind{KindOverview, Daily, Weekly, Monthly, Hourly, Models, Projects, Sessions, InBlocks}

func anyOptions(t *rapid.T) Options {
	o := Options{
		Kind:     rapid.SampledFrom(kinds).Draw(t, "kind"),
		By:       rapid.SliceOfNDistinct(rapid.SampledFrom(groupings), 0, 5, func(f Field) Field { return f }).Draw(t, "by"),
		Zone:     rapid.SampledFrom(zones).Draw(t, "zone"),
		Sources:  rapid.SampledFrom([][]string{nil, {"codex"}, {"!codex"}, {"codex", "claude-code"}}).Draw(t, "sources"),
		Models:   rapid.SampledFrom([][]string{nil, {"opus"}, {"!aurora"}, {"OPUS-20251101", "gpt"}}).Draw(t, "models"),
		Projects: rapid.SampledFrom([][]string{nil, {"web"}, {"a/web"}, {"!(none)"}}).Draw(t, "projects"),
		Since:    rapid.SampledFrom([]string{"", "2026-10-25", "2026-11-17"}).Draw(t, "since"),
		Until:    rapid.SampledFrom([]string{"", "2026-11-20", "2026-11-17"}).Draw(t, "until"),
		Now:      now,
	}
	if rapid.Bool().Draw(t, "limited") {
		o.Limit = rapid.IntRange(1, 5).Draw(t, "limit")
	}
	column := rapid.SampledFrom(append([]string{""}, sortable(o.Kind, o.By)...)).Draw(t, "sort")
	o.Sort = Sort{column, rapid.Bool().Draw(t, "reverse")}
	return o
}

// One total everywhere, in tokens and in micro-dollars: whatever rows are told apart by, they add up to the days.
func TestEveryReportAddsUpToTheDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells, o := anyCells(t), anyOptions(t)
		r := Build(cells, awkward, o)
		daily := o
		daily.Kind, daily.By, daily.Limit, daily.Sort = Daily, nil, 0, Sort{}
		if diff := cmp.Diff(Build(cells, awkward, daily).Totals, r.Totals); diff != "" {
			t.Fatalf("daily and %s differ:\n%s", o.Kind, diff)
		}
		sum := r.Omitted.Sums
		for _, row := range r.Rows {
			sum = sum.Add(row.Sums)
			if row.Unpriced == row.Tokens.Total() && row.Cost != 0 {
				t.Fatalf("nothing of %v has a price, and it costs %v", row.Labels, row.Cost)
			}
		}
		if diff := cmp.Diff(r.Totals, sum); diff != "" {
			t.Fatalf("rows of %s by %v do not add up:\n%s", o.Kind, o.By, diff)
		}
		if o.Limit > 0 && len(r.Rows) > o.Limit {
			t.Fatalf("%d rows, limit %d", len(r.Rows), o.Limit)
		}
	})
}

// Two rows with the same labels could not be told apart by a program.
func TestRowsAreTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seen := make(map[string]bool)
		o := anyOptions(t)
		for _, row := range Build(anyCells(t), awkward, o).Rows {
			key := fmt.Sprint(row.Labels)
			if seen[key] {
				t.Fatalf("two rows %v", row.Labels)
			}
			seen[key] = true
		}
	})
}

func TestOrderOfCellsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells, o := anyCells(t), anyOptions(t)
		if o.Kind == Sessions { // a session is named after the project it began in
			o.Kind = Projects
			o.Sort = Sort{}
		}
		mixed := rapid.Permutation(cells).Draw(t, "mixed")
		want, got := Build(cells, awkward, o), Build(mixed, awkward, o)
		if diff := cmp.Diff(want.Totals, got.Totals); diff != "" {
			t.Fatal(diff)
		}
		for i := range want.Rows {
			if diff := cmp.Diff(want.Rows[i].Labels, got.Rows[i].Labels); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

func record(at time.Time, source, model, session, project string, tokens int64) usage.Record {
	return usage.Record{Source: source, Model: model, Session: session, Project: project, Time: at, Tokens: usage.Tokens{Input: tokens}}
}

func rowLabels(r *Report) []string {
	var all []string
	for _, row := range r.Rows {
		all = append(all, fmt.Sprintf("%v %d", row.Labels, row.Tokens.Total()))
	}
	return all
}

func TestRows(t *testing.T) {
	at := func(s string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", s, zones[1])
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	cells := usage.Cells([]usage.Record{
		record(at("2025-12-29 09:00"), "codex", "gpt", "c1", "/a/web", 5),
		record(at("2026-01-03 23:59"), "codex", "gpt", "c1", "/a/web", 7),
		record(at("2026-10-25 01:30").Add(time.Hour), "claude-code", "opus-20251101", "k1", "/b/web", 100), // twice that hour: clocks go back
		record(at("2026-10-25 01:30").Add(2*time.Hour), "claude-code", "mini", "k1", "/b/web", 10),
		record(at("2026-11-23 00:10"), "codex", "gpt", "c2", "", 50),
		record(at("2026-11-23 01:20"), "claude-code", "opus-20251101", "k2", "/b/web", 40),
		record(at("2026-11-23 01:25"), "claude-code", "mini", "k2", "/b/web", 41),
	})
	tests := []struct {
		name string
		o    Options
		want []string
	}{
		{"days of the zone", Options{Kind: Daily}, []string{"[2025-12-29] 5", "[2026-01-03] 7", "[2026-10-25] 110", "[2026-11-23] 131"}},
		{"days elsewhere", Options{Kind: Daily, Zone: time.UTC, Since: "2026-11-01"}, []string{"[2026-11-22] 50", "[2026-11-23] 81"}},
		{"a week belongs to the year of its Thursday", Options{Kind: Weekly}, []string{"[2026-W01] 12", "[2026-W43] 110", "[2026-W48] 131"}},
		{"months", Options{Kind: Monthly}, []string{"[2025-12] 5", "[2026-01] 7", "[2026-10] 110", "[2026-11] 131"}},
		{"the hour that comes twice is one", Options{Kind: Hourly, Since: "2026-10-01"}, []string{"[2026-10-25T02:00] 110", "[2026-11-23T00:00] 50", "[2026-11-23T01:00] 81"}},
		{"hours of a zone on the half hour", Options{Kind: Hourly, Zone: zone("Asia/Kolkata"), Since: "2026-11-01"},
			[]string{"[2026-11-23T04:00] 50", "[2026-11-23T05:00] 81"}},
		{"groups, the largest first", Options{Kind: Daily, By: []Field{Source, Model}, Since: "2026-11-23"},
			[]string{"[2026-11-23 claude-code mini] 41", "[2026-11-23 claude-code opus-20251101] 40", "[2026-11-23 codex gpt] 50"}},
		{"groups in the order asked for", Options{Kind: Daily, By: []Field{Model, Source}, Since: "2026-11-23"},
			[]string{"[2026-11-23 gpt codex] 50", "[2026-11-23 mini claude-code] 41", "[2026-11-23 opus-20251101 claude-code] 40"}},
		{"models", Options{Kind: Models}, []string{"[opus-20251101] 140", "[gpt] 62", "[mini] 51"}},
		{"a field is a label once", Options{Kind: Models, By: []Field{Model}}, []string{"[opus-20251101] 140", "[gpt] 62", "[mini] 51"}},
		{"projects with one name get their parents'", Options{Kind: Projects}, []string{"[b/web] 191", "[(none)] 50", "[a/web] 12"}},
		{"sessions, the oldest first", Options{Kind: Sessions},
			[]string{"[c1 codex a/web] 12", "[k1 claude-code b/web] 110", "[c2 codex (none)] 50", "[k2 claude-code b/web] 81"}},
		{"a limit keeps the newest", Options{Kind: Daily, Limit: 2}, []string{"[2026-10-25] 110", "[2026-11-23] 131"}},
		{"a limit keeps the largest", Options{Kind: Models, Limit: 1}, []string{"[opus-20251101] 140"}},
		{"a limit keeps the newest, newest first too", Options{Kind: Daily, Limit: 1, Sort: Sort{"period", true}}, []string{"[2026-11-23] 131"}},
		{"sorted", Options{Kind: Daily, Sort: Sort{Column: "total"}}, []string{"[2026-11-23] 131", "[2026-10-25] 110", "[2026-01-03] 7", "[2025-12-29] 5"}},
		{"sorted the other way", Options{Kind: Models, Sort: Sort{"total", true}}, []string{"[mini] 51", "[gpt] 62", "[opus-20251101] 140"}},
		{"sorted by name", Options{Kind: Models, Sort: Sort{Column: "model"}}, []string{"[gpt] 62", "[mini] 51", "[opus-20251101] 140"}},
		{"one day", Options{Kind: Daily, Since: "2026-10-25", Until: "2026-10-25"}, []string{"[2026-10-25] 110"}},
		{"a source", Options{Kind: Daily, Sources: []string{"CODEX"}, Since: "2026-01-01"}, []string{"[2026-01-03] 7", "[2026-11-23] 50"}},
		{"all but a source", Options{Kind: Models, Sources: []string{"!codex"}}, []string{"[opus-20251101] 140", "[mini] 51"}},
		{"a model without its date", Options{Kind: Models, Models: []string{"opus"}}, []string{"[opus-20251101] 140"}},
		{"a model is not the start of its name", Options{Kind: Models, Models: []string{"op", "mini-20251101"}}, nil},
		{"a project by its own name", Options{Kind: Projects, Projects: []string{"web"}}, []string{"[b/web] 191", "[a/web] 12"}},
		{"a project by the name it is shown with", Options{Kind: Projects, Projects: []string{"a/web"}}, []string{"[a/web] 12"}},
		{"what is left out wins", Options{Kind: Projects, Projects: []string{"web", "!b/web"}}, []string{"[a/web] 12"}},
		{"no project", Options{Kind: Projects, Projects: []string{"(none)"}}, []string{"[(none)] 50"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.o.Zone == nil {
				tt.o.Zone = zones[1]
			}
			tt.o.Now = now
			if diff := cmp.Diff(tt.want, rowLabels(Build(cells, awkward, tt.o))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSessionsAndProjectsTellWhoWasThere(t *testing.T) {
	start := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	cells := usage.Cells([]usage.Record{
		record(start, "codex", "gpt", "s", "/a", 1),
		record(start.Add(50*time.Minute), "codex", "mini", "s", "/a", 9),
		record(start.Add(2*time.Hour), "claude-code", "", "s", "/a", 100),
	})
	o := Options{Kind: Projects, Zone: time.UTC, Now: now}
	want := Row{Labels: []string{"a"}, Sums: Sums{Requests: 3, Tokens: usage.Tokens{Input: 110}, Cost: 2, Unpriced: 100}, Sessions: 2,
		Sources: []string{"claude-code", "codex"}, Models: []string{"(none)", "mini", "gpt"}, First: start, Last: start.Add(2 * time.Hour)}
	if diff := cmp.Diff([]Row{want}, Build(cells, book{"gpt": 2_000_000, "mini": 1}, o).Rows); diff != "" {
		t.Error(diff)
	}
}
