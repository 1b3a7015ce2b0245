package scan

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/client/ledger"
	"tokenflex.ing/internal/client/lockfile"
	"tokenflex.ing/internal/client/source"
)

// remembered is the text of all that lies in a ledger.
func remembered(t *testing.T, dir string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// What was forgotten goes from the ledger wherever the tool deleted it: with its file, or out of a file that is still there; and from
// ledgers that were set aside.
func TestForgettingLeavesNothingThatTheToolDeleted(t *testing.T) {
	line := func(id string) string {
		return strings.ReplaceAll(fmt.Sprintf(transcriptLine, 1, 1), `"m1"`, `"`+id+`"`)
	}
	dir := home(t, map[string]string{
		".claude/projects/p/gone.jsonl":      line("went"),
		".claude/projects/p/rewritten.jsonl": line("lost") + line("left"),
	})
	o := Options{Home: dir, GOOS: "linux", Sources: source.All(), Now: now, Zone: time.UTC, Ledger: t.TempDir()}
	if n := mustRun(t, o).Records; n != 3 {
		t.Fatal(n)
	}
	spoilByte(t, filepath.Join(o.Ledger, "history-1"), -1)
	if err := os.Remove(filepath.Join(dir, ".claude/projects/p/gone.jsonl")); err != nil {
		t.Fatal(err)
	}
	lay(t, dir, ".claude/projects/p/rewritten.jsonl", line("left"))
	if n := mustRun(t, o).Records; n != 3 {
		t.Fatal(n)
	}
	text := remembered(t, o.Ledger)
	for _, id := range []string{"went", "lost", "left"} {
		if !strings.Contains(text, id) {
			t.Fatalf("%s is not in the ledger", id)
		}
	}
	if err := ledger.Forget(t.Context(), o.Ledger, ledger.Forgotten{Until: now}); err != nil {
		t.Fatal(err)
	}
	unlock, err := lockfile.Try(filepath.Join(o.Ledger, "lock")) // another process writes
	if err != nil {
		t.Fatal(err)
	}
	purged := o
	purged.Purge = true
	done := make(chan *Result)
	go func() {
		r, _ := Run(t.Context(), purged)
		done <- r
	}()
	unlock()
	if r := <-done; r == nil || r.Records != 0 || !r.Kept {
		t.Fatalf("%+v", r)
	}
	text = remembered(t, o.Ledger)
	for id, want := range map[string]bool{"went": false, "lost": false, "left": true} {
		if strings.Contains(text, id) != want {
			t.Errorf("%s: in the ledger is %t", id, !want)
		}
	}
	r := mustRun(t, o)
	if r.Records != 0 || len(r.Warnings) > 0 || r.Sources[0].Reason != "what it left was forgotten" {
		t.Errorf("%d responses, %v, %s", r.Records, r.Warnings, r.Sources[0].Reason)
	}
	lay(t, dir, ".claude/projects/p/rewritten.jsonl", line("left")+line("lost"))
	if n := mustRun(t, o).Records; n != 0 {
		t.Errorf("it is told again: %d responses", n)
	}
}
