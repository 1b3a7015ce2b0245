package render

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// A screen draws one thing that people read.
type screen struct {
	name string
	draw func(io.Writer, Style) error
}

func table1(r *report.Report) func(io.Writer, Style) error {
	return func(w io.Writer, s Style) error { return Write(w, Table, r, s) }
}

func screens() []screen {
	limited := report.Build(sample(), prices, report.Options{Kind: report.Models, Zone: berlin, Now: sampleNow, Limit: 3})
	filtered := report.Build(sample(), prices, report.Options{Kind: report.Daily, Zone: berlin, Now: sampleNow, Since: "2026-11-10", Until: "2026-11-12",
		Sources: []string{"codex", "opencode"}, Models: []string{"!glm-4.6"}})
	unmatched := report.Build(sample(), prices, report.Options{Kind: report.Daily, Zone: berlin, Now: sampleNow, Since: "2026-11-01", Models: []string{"gpt-9"}})
	empty := report.NewOverview(nil, prices, report.Options{Zone: berlin, Now: sampleNow})
	empty.Home, empty.Looked = "/home/mira", 43
	alone, pressed := sampleOverview(), sampleOverview()
	alone.Sync = report.Sync{}
	pressed.Sync = report.Sync{SignedIn: true, Handle: "mira"}
	pressed.Expiring = []report.Expiring{{Source: "claude-code", Tokens: 31_412_345, Days: 6}, {Source: "gemini-cli", Tokens: 812, Days: 1}, {Source: "amp", Tokens: 5, Days: 0}}
	all := sampleSources()
	all.All, all.SignedIn = true, true
	return []screen{
		{"overview", func(w io.Writer, s Style) error { return WriteOverview(w, Table, sampleOverview(), s) }},
		{"overview-not-synced", func(w io.Writer, s Style) error { return WriteOverview(w, Table, alone, s) }},
		{"overview-notices", func(w io.Writer, s Style) error { return WriteOverview(w, Table, pressed, s) }},
		{"overview-empty", func(w io.Writer, s Style) error { return WriteOverview(w, Table, empty, s) }},
		{"daily", table1(sampleReport(report.Daily, "2026-11-14"))},
		{"daily-all", table1(filtered)},
		{"daily-unmatched", table1(unmatched)},
		{"daily-by", table1(sampleReport(report.Daily, "2026-11-21", report.Source, report.Model))},
		{"weekly", table1(sampleReport(report.Weekly, "2026-10-05"))},
		{"monthly", table1(sampleReport(report.Monthly, ""))},
		{"monthly-plans", inEuros(table1(plannedReport()))},
		{"overview-plans", inEuros(func(w io.Writer, s Style) error { return WriteOverview(w, Table, plannedOverview(), s) })},
		{"hourly", table1(sampleReport(report.Hourly, "2026-11-23"))},
		{"models", table1(sampleReport(report.Models, "2026-10-25"))},
		{"models-limit", table1(limited)},
		{"projects", table1(sampleReport(report.Projects, "2026-10-25"))},
		{"sessions", table1(sampleReport(report.Sessions, "2026-11-20"))},
		{"sessions-by", table1(sampleReport(report.Sessions, "2026-11-23", report.Model))},
		{"blocks", table1(sampleReport(report.InBlocks, "2026-11-20"))},
		{"blocks-by", table1(sampleReport(report.InBlocks, "2026-11-22", report.Model))},
		{"sources", func(w io.Writer, s Style) error { return WriteSources(w, Table, sampleSources(), s) }},
		{"sources-all", func(w io.Writer, s Style) error { return WriteSources(w, Table, all, s) }},
		{"say", say},
		{"prices", pricesScreen},
		{"explain", func(w io.Writer, s Style) error { return WriteExplained(w, Table, sampleExplained(), "/home/mira", s) }},
		{"help", func(w io.Writer, s Style) error { return Help(w, s, samplePage) }},
	}
}

var samplePlans = []report.Plan{{Name: "Claude Max", Price: 200_000_000, Sources: []string{"claude-code"}, From: "2026-10-01"}, {Name: "Free for all", Sources: []string{"opencode"}, From: "2026-11-01"}}

func plannedReport() *report.Report {
	return report.Build(sample(), prices, report.Options{Kind: report.Monthly, Zone: berlin, Now: sampleNow, Plans: samplePlans})
}

func plannedOverview() *report.Overview {
	return report.NewOverview(sample(), prices, report.Options{Zone: berlin, Now: sampleNow, Plans: samplePlans})
}

// inEuros shows amounts in another currency.
func inEuros(draw func(io.Writer, Style) error) func(io.Writer, Style) error {
	return func(w io.Writer, s Style) error {
		s.Currency = Currency{"EUR", 920_000}
		return draw(w, s)
	}
}

func sampleOverview() *report.Overview {
	v := report.NewOverview(sample(), prices, report.Options{Zone: berlin, Now: sampleNow})
	v.Sync = report.Sync{SignedIn: true, Site: "tokenflex.ing", Handle: "mira", Visibility: "private", At: sampleNow.Add(-12 * time.Minute), Next: sampleNow.Add(28 * time.Minute)}
	return v
}

func sampleSources() *report.Sources {
	ago := func(d time.Duration) time.Time { return sampleNow.Add(-d).UTC() }
	first := time.Date(2026, 5, 27, 7, 0, 0, 0, time.UTC)
	list := []report.SourceState{
		{ID: "claude-code", Name: "Claude Code", Status: report.Measured, Quality: "exact", Files: 1204, Bytes: 1_900_000_000, Records: 96_115, TotalTokens: 1_249_205_707,
			First: first, Last: ago(4 * time.Minute), DeletesAfterDays: 30, Roots: []string{"/home/mira/.claude/projects", "/home/mira/.config/claude/projects"}},
		{ID: "codex", Name: "Codex", Status: report.Measured, Quality: "exact", Files: 412, Bytes: 1_100_000_000, Records: 31_870, TotalTokens: 307_058_167,
			First: first, Last: ago(2 * time.Hour), Roots: []string{"/home/mira/.codex/sessions"}},
		{ID: "opencode", Name: "opencode", Status: report.Measured, Quality: "exact", Files: 1, Bytes: 38_000_000, Records: 6971, TotalTokens: 139_035_381,
			First: first, Last: ago(8 * time.Hour), Roots: []string{"/home/mira/.local/share/opencode/opencode.db"}},
		{ID: "augment", Name: "Augment", Status: report.Measured, Quality: "coarse", Files: 6, Bytes: 2_000_000, Records: 212, TotalTokens: 1_234,
			First: first, Last: ago(20 * 24 * time.Hour), Roots: []string{"/home/mira/.augment/sessions"}},
		{ID: "cursor", Name: "Cursor", Status: report.Detected, Reason: "only chat text on disk", Hint: "tokenflexing import cursor FILE.csv", Roots: []string{"/home/mira/.config/Cursor"}},
		{ID: "warp", Name: "Warp", Status: report.Detected, Reason: "keeps usage on its servers only", Roots: []string{"/home/mira/.warp"}},
		{ID: "crush", Name: "Crush", Status: report.Detected, Reason: "512 files, 0 usage rows read", Hint: "tokenflexing sources --all", Files: 512, Bytes: 14_000},
	}
	for id := range strings.FieldsSeq("aider amp antigravity cline codebuff copilot droid goose grok hermes junie kilo-code kimi-cli mux pi zed") {
		list = append(list, report.SourceState{ID: id, Name: id, Status: report.NotFound, Looked: []string{"/home/mira/." + id, "/opt/" + id}})
	}
	return &report.Sources{List: list, Now: sampleNow, Zone: berlin, Home: "/home/mira", Expiring: []report.Expiring{{Source: "claude-code", Tokens: 31_412_345, Days: 6}}}
}

// say draws what the other commands say.
func say(w io.Writer, s Style) error {
	steps := []func() error{
		func() error {
			return SignIn(w, s, "tokenflex.ing", "https://tokenflex.ing/device", "WDJB-MJHT", "studio")
		},
		func() error {
			return Done(w, s, "signed in as @mira", `on tokenflex.ing; this device is "studio"`)
		},
		func() error { return Suggest(w, s, "tokenflexing sync", "") },
		func() error { return Suggest(w, s, "tokenflexing daemon install", "to sync every hour") },
		func() error {
			return Facts(w, s, Fact{Label: "sent", Text: "3 days, 14 rows, 1.1 kB to tokenflex.ing"}, Fact{Label: "equal", Text: Tokens(2_921_000_000) + " tokens, " + Cost(1_909_970_000, 2, 1) + " on both sides"},
				Fact{Label: "next", Text: "15:00", Quiet: "by hand"}, Fact{Label: "held", Wrong: "2026-11-12 is held for review: too many tokens an hour", Run: "tokenflexing status"})
		},
		func() error {
			return Warnings(w, s, []report.Warning{
				{Message: "2 files could not be read, so this answer misses them", Hint: "tokenflexing doctor", Details: []string{
					"~/.codex/sessions/2026/11/20/rollout-2026-11-20T10-00-00-019ab2f1.jsonl  not permitted", "~/.claude/projects/web/c2d7e004.jsonl  still changing"}},
				{Message: "crush: 512 files, but no usage row was understood", Hint: "tokenflexing sources --all"},
			})
		},
		func() error { return Errors(w, s, `unknown command "dayly"`, "run: tokenflexing daily") },
		func() error {
			return Errors(w, s, "tokenflex.ing did not answer in 10 s; nothing was sent", "run: tokenflexing sync    or wait for 15:00")
		},
		func() error {
			_, err := fmt.Fprintln(w, Progress(s, Reading{Done: 2_200_000_000, Total: 4_300_000_000, Files: 10_565, Speed: 710_000_000, Left: 3 * time.Second}))
			return err
		},
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

var samplePage = Page{
	About: []string{"See what your AI coding tools used, and what it cost.", "Nothing leaves this machine until you sign in."},
	Usage: "tokenflexing [command] [flags]",
	Groups: []Group{
		{"look", []Line{{"(none)", "today, 7 days, 30 days, all"}, {"daily weekly monthly hourly", ""}, {"sources", "which tools are counted, and why not"}}},
		{"share", []Line{{"connect", "sign in, read and sync"}, {"login logout whoami status", ""}, {"sync", "--dry-run shows every byte"}}},
	},
	Notes:    []string{"total = input + cache read + cache write + output", "reasoning is part of output and is not added again"},
	Examples: []string{"tokenflexing daily --json | jq .totals"},
	Run:      []Suggestion{{"tokenflexing help daily", "the flags of every report"}},
	Exit:     []string{"0 ok", "1 failure", "2 usage", "3 not signed in", "4 a check failed", "5 partial"},
}

var commands = []string{"daily", "weekly", "monthly", "hourly", "models", "projects", "sessions", "sources", "login", "connect", "logout", "whoami", "status", "sync", "prices", "schema", "completion", "version", "help"}

var goldenWidths = []int{25, 34, 40, 60, 80, 100, 120, 200}

var looks = []struct {
	name  string
	style Style
}{{"plain", Style{}}, {"color", Style{Color: true}}, {"ascii", Style{ASCII: true}}, {"compact", Style{Compact: true}}}

// Every screen at every width, in each look. A screen is a file, its widths one below the other.
func TestScreens(t *testing.T) {
	for _, screen := range screens() {
		for _, look := range looks {
			t.Run(screen.name+"/"+look.name, func(t *testing.T) {
				var got bytes.Buffer
				for _, width := range goldenWidths {
					style := look.style
					style.Width, style.Commands = width, commands
					fmt.Fprintf(&got, "=== %d columns\n", width)
					if err := screen.draw(&got, style); err != nil {
						t.Fatal(err)
					}
				}
				golden(t, filepath.Join("testdata", screen.name+"."+look.name+".txt"), got.Bytes())
			})
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs; if it should, run make golden and read the difference:\n%s", name, diff)
	}
}

// What is written for programs and for pasting.
func TestDocuments(t *testing.T) {
	r := sampleReport(report.Daily, "2026-11-20", report.Source, report.Model)
	r.Warnings = []report.Warning{{Code: "skipped-lines", Message: "3 lines could not be read", Details: []string{"x"}, Hint: "tokenflexing sources"}}
	sessions := sampleReport(report.Sessions, "2026-11-23")
	blocks := sampleReport(report.InBlocks, "2026-11-22")
	projects := report.Build(sample(), prices, report.Options{Kind: report.Projects, Zone: berlin, Now: sampleNow, Since: "2026-11-01", Limit: 2})
	for name, write := range map[string]func(io.Writer, Format) error{
		"daily":    func(w io.Writer, f Format) error { return Write(w, f, r, Style{}) },
		"sessions": func(w io.Writer, f Format) error { return Write(w, f, sessions, Style{}) },
		"blocks":   func(w io.Writer, f Format) error { return Write(w, f, blocks, Style{}) },
		"projects": func(w io.Writer, f Format) error { return Write(w, f, projects, Style{}) },
		"overview": func(w io.Writer, f Format) error { return WriteOverview(w, f, sampleOverview(), Style{}) },
		"sources":  func(w io.Writer, f Format) error { return WriteSources(w, f, sampleSources(), Style{}) },
	} {
		for f, ext := range map[Format]string{JSON: "json", CSV: "csv", Markdown: "md"} {
			var got bytes.Buffer
			if err := write(&got, f); err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", name+"."+ext), got.Bytes())
		}
	}
}
