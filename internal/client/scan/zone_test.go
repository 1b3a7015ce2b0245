package scan

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/usage"
)

// Times without a zone are of the machine's clock. Where that is moved they are other days, of the same responses: none counts
// twice, neither one that is still there nor the copy of one that its tool has deleted since.
func TestAClockInAnotherZoneTellsNothingTwice(t *testing.T) {
	const (
		folder = ".local/share/gptme/logs/c/"
		one    = `{"role":"assistant","timestamp":"2026-03-01T23:30:00.5","metadata":{"model":"anthropic/claude-sonnet-4-5","usage":{"input_tokens":10,"output_tokens":1}}}` + "\n"
		two    = `{"role":"assistant","timestamp":"2026-03-02T12:00:00.5","metadata":{"model":"anthropic/claude-sonnet-4-5","usage":{"input_tokens":20,"output_tokens":2}}}` + "\n"
	)
	dir := home(t, map[string]string{folder + "conversation.jsonl": one + two, folder + "branches/b.jsonl": one})
	o := Options{Home: dir, GOOS: "linux", Sources: source.All(), Now: now, Zone: time.UTC, Ledger: t.TempDir()}
	want := func(zone *time.Location, records, tokens int64, days int) {
		t.Helper()
		o.Zone = zone
		r, err := Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		var sum int64
		dates := make(map[string]bool)
		for _, d := range usage.ByDay(r.Cells, time.UTC) {
			sum += d.Tokens.Total()
			dates[d.Date] = true
		}
		if r.Records != records || sum != tokens || len(dates) != days {
			t.Errorf("in %s: %d records of %d tokens on %d days, want %d of %d on %d", zone, r.Records, sum, len(dates), records, tokens, days)
		}
	}
	east := time.FixedZone("east", 13*60*60)
	want(time.UTC, 2, 33, 2)
	want(east, 2, 33, 1) // 1 March, 10:30 and 23:00
	if err := os.Remove(filepath.Join(dir, folder+"conversation.jsonl")); err != nil {
		t.Fatal(err)
	}
	want(east, 2, 33, 1)
	want(time.UTC, 2, 33, 1) // what was deleted stays where it was
}
