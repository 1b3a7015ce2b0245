package report

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/usage"
)

// A block begins at the full hour of a tool's first use and lasts five hours; the next one begins with the first use after that.
func TestBlocksBeginWithUse(t *testing.T) {
	use := func(source, at string, output int64) usage.Record {
		when, err := time.ParseInLocation("2006-01-02 15:04:05", at, zones[1])
		if err != nil {
			t.Fatal(err)
		}
		return usage.Record{Source: source, Model: "gpt", Time: when, Tokens: usage.Tokens{Output: output}}
	}
	cells := usage.Cells([]usage.Record{
		use("codex", "2026-11-22 09:58:00", 1), use("codex", "2026-11-22 13:59:59", 10), // the last second of 9 to 14
		use("codex", "2026-11-22 14:00:00", 100),
		use("codex", "2026-11-22 23:30:00", 1_000), use("codex", "2026-11-23 03:59:00", 10_000), // over midnight
		use("claude-code", "2026-11-22 10:00:00", 100_000), // a tool's own, whatever others do
		use("claude-code", "2026-11-23 14:05:00", 7),
	})
	rows := func(o Options) string {
		o.Kind, o.Zone, o.Now = InBlocks, zones[1], now
		var all []string
		for _, r := range Build(cells, awkward, o).Rows {
			one := fmt.Sprint(strings.Join(r.Labels, " "), " ", r.Tokens.Total())
			if r.Runs(now) {
				one += fmt.Sprint(", at this pace ", r.Pace(now).Tokens.Total())
			}
			all = append(all, one)
		}
		return strings.Join(all, "\n")
	}
	for name, tt := range map[string]struct {
		o    Options
		want string
	}{
		"all":                 {Options{}, "2026-11-22T09:00 codex 11\n2026-11-22T10:00 claude-code 100000\n2026-11-22T14:00 codex 100\n2026-11-22T23:00 codex 11000\n2026-11-23T14:00 claude-code 7, at this pace 65"},
		"a filter moves none": {Options{Sources: []string{"codex"}, Since: "2026-11-23"}, "2026-11-22T23:00 codex 10000"},
		"with the model":      {Options{By: []Field{Model}, Until: "2026-11-22", Sources: []string{"claude-code"}}, "2026-11-22T10:00 claude-code gpt 100000"},
	} {
		if got := rows(tt.o); got != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, tt.want)
		}
	}
}

// What goes on for long enough is not more than there are numbers for, and what has just begun has no pace.
func TestPaceOfABlock(t *testing.T) {
	r := Row{Block: now.Truncate(time.Hour), Sums: Sums{Tokens: usage.Tokens{Output: 1 << 60}, Requests: 7}}
	if got := r.Pace(r.Block.Add(59 * time.Second)); got != (Sums{}) {
		t.Errorf("after 59 seconds %+v", got)
	}
	if got := r.Pace(r.Ends()); got != r.Sums {
		t.Errorf("at its end %+v", got)
	}
	if got := r.Pace(r.Block.Add(time.Minute)); got.Tokens.Output < r.Tokens.Output {
		t.Errorf("after a minute %+v", got)
	}
}
