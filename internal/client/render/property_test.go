package render

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tokenflex.ing/internal/client/report"
	"tokenflex.ing/internal/usage"
)

var kinds = []report.Kind{report.Daily, report.Weekly, report.Monthly, report.Hourly, report.Models, report.Projects, report.Sessions, report.InBlocks}

// names that a folder or a log may hold, hostile ones among them.
var names = []string{"web", "", "a-name-that-is-much-longer-than-any-column-will-ever-be-in-a-terminal", "日本語のプロジェクト", "👩‍👩‍👧‍👦", "e\u0301te\u0301",
	"\x1b[31mred\x1b]0;title\x07", "a\tb\nc\r", "\u202eevil\u2066", "zero\u200bwidth", "bad\xff\xfeutf8", "=1+1", "-cmd", "@x", "a|b*c_d`e", `quo"te,comma`, "\u0085\u009b2J", "1,234", "$5"}

func anyReport(t *rapid.T) *report.Report {
	n := rapid.OneOf(rapid.Int64Range(0, 2000), rapid.Int64Range(0, 3_000_000), rapid.Int64Range(0, 4e8))
	records := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) usage.Record {
		out := n.Draw(t, "output")
		return usage.Record{
			Source:  rapid.SampledFrom([]string{"claude-code", "codex", "gemini-cli"}).Draw(t, "source"),
			Model:   rapid.SampledFrom(append([]string{"gpt-5.2-codex", "glm-4.6", "claude-opus-4-5-20251101"}, names...)).Draw(t, "model"),
			Session: rapid.SampledFrom(names).Draw(t, "session"), Project: rapid.SampledFrom(names).Draw(t, "project"),
			Time:   sampleNow.Add(-time.Duration(rapid.IntRange(0, 60*24*500).Draw(t, "minutes")) * time.Minute),
			Tier:   rapid.SampledFrom(usage.Tiers[:]).Draw(t, "tier"),
			Tokens: usage.Tokens{Input: n.Draw(t, "input"), CacheRead: n.Draw(t, "read"), CacheWrite5m: n.Draw(t, "5m"), Output: out, Reasoning: out / 3},
		}
	}), 0, 30).Draw(t, "records")
	o := report.Options{
		Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Zone: berlin, Now: sampleNow,
		By:    rapid.SliceOfNDistinct(rapid.SampledFrom([]report.Field{report.Source, report.Model, report.Project, report.Session, report.Tier}), 0, 5, func(f report.Field) report.Field { return f }).Draw(t, "by"),
		Since: rapid.SampledFrom([]string{"", "2026-01-01", "2026-11-20"}).Draw(t, "since"),
		Limit: rapid.IntRange(0, 4).Draw(t, "limit"),
	}
	if rapid.IntRange(0, 3).Draw(t, "filtered") == 0 {
		o.Models = []string{"!" + rapid.SampledFrom(names).Draw(t, "not")}
	}
	return report.Build(usage.Cells(records), prices, o)
}

func drawn(t *rapid.T, write func(*bytes.Buffer) error) []string {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

// No line is wider than the terminal, and nothing from disk reaches it that it would obey.
func TestLinesFitAndAreHarmless(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Style{Width: rapid.IntRange(40, 210).Draw(t, "width"), Color: rapid.Bool().Draw(t, "color"), ASCII: rapid.Bool().Draw(t, "ascii"), Compact: rapid.Bool().Draw(t, "compact"), Commands: commands}
		r := anyReport(t)
		for _, line := range drawn(t, func(b *bytes.Buffer) error { return Write(b, Table, r, s) }) {
			text := bare(line)
			if wide(text) > s.Width {
				t.Fatalf("%d columns: %q is %d wide", s.Width, text, wide(text))
			}
			if i := strings.IndexFunc(text, unseen); i >= 0 || !s.Color && text != line {
				t.Fatalf("%q holds what a terminal would obey or hide", line)
			}
			if strings.HasSuffix(text, " ") {
				t.Fatalf("%q ends with a space", text)
			}
		}
	})
}

// Below 40 columns lines may wrap, but nothing breaks.
func TestTinyTerminals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Style{Width: rapid.IntRange(1, 39).Draw(t, "width"), Color: rapid.Bool().Draw(t, "color")}
		r := anyReport(t)
		drawn(t, func(b *bytes.Buffer) error { return Write(b, Table, r, s) })
	})
}

// Every cell that is not a name is a ledger's figure, whole: exact, or cut to three digits.
func TestEveryFigureIsWhole(t *testing.T) {
	for _, kind := range kinds {
		for _, by := range [][]report.Field{nil, {report.Source}, {report.Source, report.Model}} {
			r := sampleReport(kind, "2026-11-12", by...)
			known := figures(r)
			for width := 40; width < 220; width += 7 {
				var b bytes.Buffer
				if err := Write(&b, Table, r, Style{Width: width}); err != nil {
					t.Fatal(err)
				}
				for _, cell := range tableCells(b.String()) {
					if strings.ContainsAny(cell, "0123456789") && !is(known, cell) {
						t.Fatalf("%s by %v at %d: %q is no figure of the ledger\n%s", kind, by, width, cell, b.String())
					}
				}
			}
		}
	}
}

// figures are all texts with digits that a report's table may show. The counts are written here once more, from their digits.
func figures(r *report.Report) map[string]bool {
	known := make(map[string]bool)
	counts := append(slices.Clone(tokenColumns), "requests", "total")
	v := newView(r, Style{})
	t := v.table()
	for _, c := range t.columns {
		if slices.Contains(counts, c.id) {
			continue
		}
		for _, t.short = range []bool{false, true} {
			for line := range t.height() {
				cell := t.at(c, line)
				known[cell.text+cell.mark], known[cell.short] = true, true
			}
		}
	}
	for _, s := range v.sums {
		for _, n := range []int64{s.Requests, s.Tokens.Input, s.Tokens.CacheRead, s.Tokens.CacheWrite(), s.Tokens.Output, s.Tokens.Reasoning, s.Tokens.Total()} {
			for _, text := range []string{threes(n), cutToThree(n)} {
				known[text], known["("+text+")"] = true, true
			}
		}
	}
	for _, row := range r.Rows { // a date and its weekday are one cell to the eye
		if d, err := time.Parse(time.DateOnly, row.Labels[0]); err == nil {
			known[d.Format("2006-01-02 Mon")] = true
		}
	}
	return known
}

func threes(n int64) string {
	digits := strconv.FormatInt(n, 10)
	var groups []string
	for ; len(digits) > 3; digits = digits[:len(digits)-3] {
		groups = append(groups, digits[len(digits)-3:])
	}
	groups = append(groups, digits)
	slices.Reverse(groups)
	return strings.Join(groups, ",")
}

func cutToThree(n int64) string {
	digits := strconv.FormatInt(n, 10)
	if len(digits) <= 3 {
		return digits
	}
	whole := (len(digits)-1)%3 + 1
	text := digits[:whole]
	if whole < 3 {
		text += "." + digits[whole:3]
	}
	return text + string(" KMBT"[(len(digits)-1)/3])
}

// is reports whether a cell is one of the figures, or a name that was cut.
func is(known map[string]bool, cell string) bool {
	head, cut := strings.CutSuffix(cell, "…")
	if !cut {
		return known[cell]
	}
	for text := range known {
		if strings.HasPrefix(text, head) && !strings.ContainsAny(head[:1], "0123456789$(") {
			return true
		}
	}
	return false
}

// tableCells are the texts between the heading and the first blank line after it.
func tableCells(text string) []string {
	_, body, _ := strings.Cut(text, "\n\n")
	body, _, _ = strings.Cut(body, "\n\n")
	var cells []string
	for line := range strings.Lines(body) {
		if strings.Contains(line, "  ") && !strings.Contains(line, "total") {
			for cell := range strings.SplitSeq(strings.TrimSpace(line), "  ") {
				cells = append(cells, strings.Trim(cell, " ━╸"))
			}
		}
	}
	return cells
}

// In exact figures the rows add up to what stands under the rule, and the kinds of token to the total.
func TestRowsAddUpToTheFooter(t *testing.T) {
	for _, kind := range []report.Kind{report.Daily, report.Weekly, report.Monthly, report.Hourly, report.Models} {
		r := report.Build(sample(), prices, report.Options{Kind: kind, Zone: berlin, Now: sampleNow, Since: "2026-10-01", Limit: 5})
		var b bytes.Buffer
		if err := Write(&b, Table, r, Style{Width: 300}); err != nil {
			t.Fatal(err)
		}
		sum, footer := make([]int64, 8), make([]int64, 8)
		ruled := false
		for line := range strings.Lines(b.String()) {
			ruled = ruled || strings.HasPrefix(line, "─")
			into := sum
			if ruled {
				into = footer
			}
			if numbers := exactNumbers(line); strings.Contains(line, "$") {
				for i := range min(len(numbers), len(sum)) {
					into[i] += numbers[len(numbers)-1-i]
				}
			}
		}
		if diff := cmp.Diff(footer, sum); diff != "" {
			t.Errorf("%s does not add up:\n%s\n%s", kind, diff, b.String())
		}
		// From the right: total, reasoning, output, cache write, cache read, input, requests.
		if footer[0] != r.Totals.Tokens.Total() || footer[0] != footer[2]+footer[3]+footer[4]+footer[5] {
			t.Errorf("%s: %v is not the sum of its kinds", kind, footer)
		}
	}
}

// exactNumbers are the whole numbers among a line's cells; what is not recorded is none.
func exactNumbers(line string) []int64 {
	var numbers []int64
	line, _, _ = strings.Cut(line, "$")
	for cell := range strings.SplitSeq(line, "  ") {
		cell = strings.Trim(cell, " ()")
		if n, err := strconv.ParseInt(strings.ReplaceAll(cell, ",", ""), 10, 64); err == nil || cell == "–" {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// The overview never scrolls a small terminal, whatever there is to say.
func TestOverviewIsShort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Style{Width: rapid.IntRange(40, 210).Draw(t, "width"), Color: rapid.Bool().Draw(t, "color"), Commands: commands}
		r := anyReport(t)
		v := &report.Overview{Report: r, Windows: []report.Window{{Name: "today"}, {Name: "7 days", Sums: r.Totals}, {Name: "30 days", Sums: r.Totals}, {Name: "all time", Sums: r.Totals}},
			Strip: make([]report.DayUsed, report.StripDays), Sources: r.Rows, Models: r.Rows, Window30: r.Totals, Home: "/home/mira", Looked: 43}
		v.Kind = report.KindOverview
		handle := rapid.SampledFrom([]string{"mira", strings.Repeat("long-handle", 3)}).Draw(t, "handle")
		v.Sync = report.Sync{SignedIn: rapid.Bool().Draw(t, "in"), Site: strings.Repeat("tokenflex.", 4) + "ing", Handle: handle, Visibility: "private"}
		if rapid.Bool().Draw(t, "synced") {
			v.Sync.At = sampleNow.Add(-time.Hour)
		}
		for range rapid.IntRange(0, 5).Draw(t, "expiring") {
			v.Expiring = append(v.Expiring, report.Expiring{Source: "claude-code", Tokens: 31_400_000, Days: 6})
		}
		out := drawn(t, func(b *bytes.Buffer) error { return WriteOverview(b, Table, v, s) })
		if len(out) > maxLines {
			t.Fatalf("%d lines at %d columns:\n%s", len(out), s.Width, strings.Join(out, "\n"))
		}
		for _, line := range out {
			if wide(bare(line)) > s.Width {
				t.Fatalf("%d columns: %q is %d wide", s.Width, bare(line), wide(bare(line)))
			}
		}
	})
}

// JSON and CSV hold the same rows, and both add up to the totals.
func TestDocumentsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyReport(t)
		var text bytes.Buffer
		if err := Write(&text, JSON, r, Style{}); err != nil {
			t.Fatal(err)
		}
		validate(t, reportSchema, text.Bytes())
		var doc struct {
			Rows    []map[string]any
			Totals  map[string]any
			Omitted map[string]any
		}
		d := json.NewDecoder(bytes.NewReader(text.Bytes()))
		d.UseNumber()
		if err := d.Decode(&doc); err != nil {
			t.Fatal(err)
		}
		text.Reset()
		if err := Write(&text, CSV, r, Style{}); err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(&text).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(records) != len(doc.Rows)+1 {
			t.Fatalf("%d rows of CSV, %d of JSON", len(records)-1, len(doc.Rows))
		}
		for i, head := range records[0] {
			for row, want := range doc.Rows {
				if n, ok := want[head].(json.Number); ok && records[row+1][i] != n.String() {
					t.Fatalf("%s: %s in CSV, %s in JSON", head, records[row+1][i], n)
				}
				if cell := records[row+1][i]; cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
					t.Fatalf("%q would be read as a formula", cell)
				}
			}
		}
		for _, field := range headsOf(sumsJSON(report.Sums{})) {
			var sum int64
			for _, row := range append(doc.Rows, doc.Omitted) {
				sum += number(row[field])
			}
			if want := number(doc.Totals[field]); sum != want {
				t.Fatalf("%s: rows add up to %d, the total is %d", field, sum, want)
			}
		}
	})
}

// number reads a count, or money in micro-dollars.
func number(v any) int64 {
	if v == nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(fmt.Sprint(v), ".", ""), 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

func FuzzClean(f *testing.F) {
	for _, n := range names {
		f.Add(n)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := clean(text)
		if strings.ContainsFunc(got, unseen) {
			t.Errorf("%q became %q", text, got)
		}
		if diff := cmp.Diff(got, clean(got)); diff != "" {
			t.Error(diff)
		}
		for _, n := range []int{1, 6, 17} {
			if end, middle := (Style{}).cutEnd(got, n), (Style{}).cutMiddle(got, n); wide(end) > n || wide(middle) > n {
				t.Errorf("%q cut to %d: %q and %q", got, n, end, middle)
			}
		}
	})
}
