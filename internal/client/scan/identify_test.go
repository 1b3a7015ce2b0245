package scan

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/ledger"
	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/samplehome"
	"tokenflex.ing/internal/usage"
)

// identified is what Identify says of a home after a scan, as "day source id", and how often.
func identified(t *testing.T, o Options, wanted func(day, source string) bool) map[string]int {
	t.Helper()
	r, err := Run(context.Background(), o)
	if err != nil || !r.Kept {
		t.Fatalf("kept %t, %v", r.Kept, err)
	}
	found := make(map[string]int)
	err = Identify(o, wanted, func(r usage.Record) {
		found[r.Time.UTC().Format(time.DateOnly)+" "+r.Source+" "+r.ID]++
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func everyCell(string, string) bool { return true }

// Every response that counts is named once, though three files tell it, on the days that are wanted; also what its tool deleted.
func TestIdentifyNamesWhatCounts(t *testing.T) {
	dir := home(t, map[string]string{
		".claude/projects/p/a.jsonl":        told("a", "m1", "01T10:00:00", 1) + told("a", "m1", "01T10:00:01", 9) + told("a", "m2", "01T23:59:59", 5),
		".claude/projects/p/b.jsonl":        told("a", "m1", "01T10:00:02", 20) + told("b", "m3", "02T00:00:00", 7),
		".claude/projects/p/c.jsonl":        told("c", "m8", "03T12:00:00", 7),
		".factory/sessions/s.settings.json": `{"model":"custom:x","tokenUsage":{"inputTokens":5,"outputTokens":2}}`,
	})
	o := Options{Home: dir, GOOS: "linux", Sources: source.All(), Ledger: filepath.Join(dir, "ledger")}
	days := func(day, source string) bool { return source == "droid" || day < "2026-05-03" }
	want := map[string]int{"2026-05-01 claude-code m1": 1, "2026-05-01 claude-code m2": 1, "2026-05-02 claude-code m3": 1}
	check := func(name string) {
		t.Helper()
		got := identified(t, o, days)
		maps.DeleteFunc(got, func(key string, _ int) bool { return strings.HasSuffix(key, " droid ") }) // its time is the file's: it has no name
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	check("as found")
	if err := os.Remove(filepath.Join(dir, ".claude/projects/p/b.jsonl")); err != nil {
		t.Fatal(err)
	}
	check("deleted by the tool")
	at := time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC)
	if err := ledger.Forget(context.Background(), o.Ledger, ledger.Forgotten{Source: "claude-code", From: at, Until: at.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	delete(want, "2026-05-02 claude-code m3")
	check("forgotten")
}

// On a home of all kinds of tools there is a name for each record that was counted, and none for another.
func TestIdentifyIsOfWhatWasCounted(t *testing.T) {
	dir := t.TempDir()
	if _, err := samplehome.Write(dir, samplehome.Options{Seed: 1, Until: time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC), Days: 20, Sessions: 3}); err != nil {
		t.Fatal(err)
	}
	o := Options{Home: dir, GOOS: "linux", Sources: source.All(), Ledger: filepath.Join(t.TempDir(), "ledger")}
	got := identified(t, o, everyCell)
	r, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, times := range got {
		n += times
	}
	if int64(n) != r.Records || n == 0 {
		t.Errorf("%d names of %d records", n, r.Records)
	}
	if none := identified(t, o, func(string, string) bool { return false }); len(none) > 0 {
		t.Errorf("nothing was wanted: %v", slices.Collect(maps.Keys(none)))
	}
}
