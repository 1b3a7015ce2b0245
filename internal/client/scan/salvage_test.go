package scan

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tokenflex.ing/internal/client/source"
)

// outlived makes a ledger of a home in which an original was deleted of which a copy that went on is left, and another file.
func outlived(t *testing.T) (o Options, history string) {
	t.Helper()
	line := func(n int) string { return fmt.Sprintf(transcriptLine, n, n) }
	dir := home(t, map[string]string{
		".claude/projects/p/original.jsonl": line(1) + line(2),
		".claude/projects/p/copy.jsonl":     line(1) + line(2) + line(3),
		".claude/projects/p/other.jsonl":    line(4),
	})
	below := func(name string) string { return filepath.Join(dir, ".claude/projects/p", name) }
	age(t, below("original.jsonl"), below("copy.jsonl"), below("other.jsonl"))
	o = Options{Home: dir, GOOS: "linux", Sources: source.All(), Now: now, Zone: time.UTC, Ledger: t.TempDir()}
	if n := mustRun(t, o).Records; n != 4 {
		t.Fatal(n)
	}
	for _, name := range []string{"original.jsonl", "other.jsonl"} {
		if err := os.Remove(below(name)); err != nil {
			t.Fatal(err)
		}
	}
	return o, filepath.Join(o.Ledger, "history-1")
}

// wasSetAside reports whether a scan said that.
func wasSetAside(r *Result) bool {
	for _, w := range r.Warnings {
		if w.Code == "ledger-set-aside" {
			return true
		}
	}
	return false
}

// Whatever of a ledger is damaged but what a file said: what its tool deleted counts, and an original still tells a copy.
func TestWhatToolsDeletedCountsAfterDamage(t *testing.T) {
	o, history := outlived(t)
	whole, err := os.ReadFile(history)
	if err != nil {
		t.Fatal(err)
	}
	first, last := bytes.Index(whole, []byte("TFLs")), bytes.LastIndex(whole, []byte("TFLs"))
	last += int(binary.LittleEndian.Uint32(whole[last+4:])) // its size is behind the mark of a record
	ledger := o.Ledger
	for at := 0; at < len(whole); at += 5 {
		o.Ledger = filepath.Join(ledger, fmt.Sprint(at))
		text := bytes.Clone(whole)
		text[at] ^= 0x41
		lay(t, o.Ledger, "history-1", string(text))
		r := mustRun(t, o)
		if (at < first || at >= last) && r.Records != 4 {
			t.Fatalf("byte %d: %d responses, %v", at, r.Records, r.Warnings)
		}
		if again := mustRun(t, o); again.Records != r.Records || wasSetAside(again) {
			t.Fatalf("byte %d: %d responses and then %d, %v", at, r.Records, again.Records, again.Warnings)
		}
	}
}

// Who is stopped after a ledger was set aside leaves what was salvaged to the next one.
func TestWhatWasSalvagedIsKeptAtOnce(t *testing.T) {
	o, history := outlived(t)
	spoilByte(t, history, -1)
	b := openBook(t.Context(), o.Ledger, o.Sources, now)
	b.Close()
	if len(b.warnings) != 1 {
		t.Error(b.warnings)
	}
	if r := mustRun(t, o); r.Records != 4 || wasSetAside(r) {
		t.Errorf("%d responses, %v", r.Records, r.Warnings)
	}
}

// Of those who come upon damage at once one sets the ledger aside, and all of them count everything.
func TestADamagedLedgerIsSetAsideOnce(t *testing.T) {
	o, history := outlived(t)
	spoilByte(t, history, -1)
	var all sync.WaitGroup
	said := make([]*Result, 4)
	for i := range said {
		all.Go(func() { said[i], _ = Run(t.Context(), o) })
	}
	all.Wait()
	warned := 0
	for _, r := range append(said, mustRun(t, o)) {
		if r == nil || r.Records != 4 {
			t.Fatalf("%+v", r)
		}
		if wasSetAside(r) {
			warned++
		}
	}
	if aside, _ := filepath.Glob(filepath.Join(o.Ledger, "aside-*")); warned != 1 || len(aside) != 1 {
		t.Errorf("%d say it was set aside, %d were", warned, len(aside))
	}
}

// A frame that was written to its end is no remainder of a writer that was stopped, though its checksum is wrong.
func TestDamageBehindTheFirstFrameIsSaid(t *testing.T) {
	o, history := outlived(t)
	lay(t, o.Home, ".claude/projects/p/later.jsonl", fmt.Sprintf(transcriptLine, 5, 5))
	if n := mustRun(t, o).Records; n != 5 {
		t.Fatal(n)
	}
	whole, err := os.ReadFile(history)
	if err != nil {
		t.Fatal(err)
	}
	second := bytes.LastIndex(whole, []byte("TFLX"))
	if err := os.Remove(filepath.Join(o.Home, ".claude/projects/p/later.jsonl")); err != nil || second == 0 {
		t.Fatal(second, err)
	}
	for _, at := range []int{20, len(whole) - second - 1} { // in the head, in the block
		if err := os.WriteFile(history, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		spoilByte(t, history, second+at)
		if r := mustRun(t, o); r.Records != 5 || !wasSetAside(r) {
			t.Errorf("%d bytes behind its beginning: %d responses, %v", at, r.Records, r.Warnings)
		}
		if err := os.Remove(filepath.Join(o.Ledger, "history-2")); err != nil {
			t.Fatal(err)
		}
	}
}

// spoilByte makes one byte of a file another one; below zero it is counted from the end, where a ledger has its block.
func spoilByte(t *testing.T, name string, at int) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if at < 0 {
		at += len(text)
	}
	text[at] ^= 0x41
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// The ledgers in testdata are those of a home whose files are gone, as versions of this program wrote them. They are never
// written anew: a form that changes gets a file of its own, and what went before is read on.
func TestLedgersOfEveryVersionCount(t *testing.T) {
	if filepath.Separator != '/' {
		t.Skip("the home in them lies elsewhere on this system")
	}
	for _, tt := range []struct {
		name  string
		older bool // it is set aside and salvaged
	}{{"1-plain", true}, {"1", true}, {"2-without-state", true}, {"2", true}, {"3", false}, {"4", false}} {
		text, err := os.ReadFile(filepath.Join("testdata/ledgers", tt.name))
		if err != nil {
			t.Fatal(err)
		}
		o := Options{Home: "/h", GOOS: "linux", Sources: source.All(), Now: now, Zone: time.UTC, Ledger: t.TempDir()}
		lay(t, o.Ledger, "history-1", string(text))
		for range 2 {
			r := mustRun(t, o)
			tokens := int64(0)
			for _, s := range r.Sources {
				tokens += s.TotalTokens
			}
			if r.Records != 6 || tokens != 3784 {
				t.Errorf("%s: %d responses, %d tokens, %v", tt.name, r.Records, tokens, r.Warnings)
			}
		}
		if set, _ := filepath.Glob(filepath.Join(o.Ledger, "aside-*")); len(set) > 0 != tt.older {
			t.Errorf("%s: %v", tt.name, set)
		}
	}
}

// Somebody may be stopped between writing the ledger and what is recent of it: the next scan makes up for it.
func TestWhatIsRecentIsThereAfterEveryScan(t *testing.T) {
	o, _ := outlived(t)
	recent := filepath.Join(o.Ledger, "recent")
	for range 2 {
		if err := os.Remove(recent); err != nil {
			t.Fatal(err)
		}
		mustRun(t, o)
		if _, err := os.Stat(recent); err != nil {
			t.Error(err)
		}
	}
}

// A history that may not be read is missing from the answer, which says so.
func TestAHistoryThatMayNotBeReadIsMissed(t *testing.T) {
	o, history := outlived(t)
	if err := os.Chmod(history, 0); err != nil {
		t.Fatal(err)
	}
	if f, err := os.Open(history); err == nil {
		f.Close()
		t.Skip("who runs this may read everything")
	}
	if r := mustRun(t, o); r.Records != 3 || len(r.Warnings) != 1 || !r.Warnings[0].Partial {
		t.Errorf("%d responses, %v", r.Records, r.Warnings)
	}
}
