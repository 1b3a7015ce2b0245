package scan

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/client/source"
)

// Damage that only shows when everything is written anew sets the ledger aside too: nothing would ever be kept again.
func TestDamageThatShowsWhenEverythingIsWrittenAnewIsLeftBehind(t *testing.T) {
	dir := home(t, nil)
	o := Options{Home: dir, GOOS: "linux", Sources: source.All(), Ledger: t.TempDir(), Now: now, Zone: time.UTC}
	below := func(name string) string { return filepath.Join(".claude/projects/p", name) }
	lines := func(from, to int) string {
		var text strings.Builder
		for n := range to - from {
			fmt.Fprintf(&text, transcriptLine, from+n, from+n)
		}
		return text.String()
	}
	scan := func(name string, from, to int) *Result {
		lay(t, dir, below(name), lines(from, to))
		age(t, filepath.Join(dir, below(name)))
		return mustRun(t, o)
	}
	scan("long.jsonl", 0, 4000)
	scan("long.jsonl", 0, 4001) // as a delta
	if err := os.Remove(filepath.Join(dir, below("long.jsonl"))); err != nil {
		t.Fatal(err)
	}
	scan("longer.jsonl", 10_000, 60_000) // so much that the next one writes all of it anew
	name := filepath.Join(o.Ledger, "history-1")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte("TFLd")) {
		t.Fatal("no delta was written")
	}
	spoilByte(t, name, bytes.Index(text, []byte("TFLs"))+50_000)
	if r := scan("short.jsonl", 70_000, 70_001); !wasSetAside(r) {
		t.Error(r.Warnings)
	}
	if r := scan("shorter.jsonl", 80_000, 80_001); !r.Kept || len(r.Warnings) > 0 || r.Records != 50_002 {
		t.Errorf("%d responses, %v", r.Records, r.Warnings)
	}
}
