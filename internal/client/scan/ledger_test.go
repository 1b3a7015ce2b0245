package scan

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/ledger"
	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/samplehome"
)

// counted is a file that counts what is read of it.
type counted struct {
	*os.File
	read *atomic.Int64
}

func (c counted) Read(b []byte) (int, error) {
	n, err := c.File.Read(b)
	c.read.Add(int64(n))
	return n, err
}

func (c counted) ReadAt(b []byte, at int64) (int, error) {
	n, err := c.File.ReadAt(b, at)
	c.read.Add(int64(n))
	return n, err
}

// remembering scans with a ledger, and says how many files it opened and how many bytes it read.
type remembering struct {
	t        *testing.T
	o        Options
	resident bool // the ledger stays open
	session  *Session
	opens    int
	read     atomic.Int64
}

func (r *remembering) scan() *Result {
	r.t.Helper()
	r.opens = 0
	r.read.Store(0)
	if r.session == nil {
		a := osAccess
		a.open = func(name string) (io.ReadCloser, error) {
			f, err := os.Open(name)
			return counted{f, &r.read}, err
		}
		o := r.o
		o.Opened = func(string, string) { r.opens++ }
		r.session = newSession(o, a)
	}
	found, err := r.session.Scan(r.t.Context(), r.o.Now)
	if err != nil {
		r.t.Fatal(err)
	}
	if !r.resident {
		r.session.Close()
		r.session = nil
	}
	return found
}

// age makes files old enough to be believed.
func age(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := os.Chtimes(name, time.Now(), time.Now().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
}

const transcriptLine = `{"type":"assistant","timestamp":"2026-05-01T10:00:00Z","requestId":"r%d","message":{"id":"m%d","model":"m","usage":{"input_tokens":1,"output_tokens":1}}}` + "\n"

// growing are files of tools that go on with them, and a line that adds the n-th response.
var growing = map[string]struct {
	name, head string
	line       func(n int) string
}{
	"claude-code": {".claude/projects/p/a.jsonl", "", func(n int) string { return fmt.Sprintf(transcriptLine, n, n) }},
	"codex": {".codex/sessions/2026/05/01/rollout-2026-05-01T10-00-00-0196f0a1-0000-7000-8000-000000000001.jsonl",
		`{"timestamp":"2026-05-01T10:00:00Z","type":"turn_context","payload":{"model":"gpt-5","cwd":"/w"}}` + "\n", func(n int) string {
			return fmt.Sprintf(`{"timestamp":"2026-05-01T10:00:10Z","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":%d,"output_tokens":%d,"total_tokens":%d},"last_token_usage":{"input_tokens":2,"output_tokens":1,"total_tokens":3}}}}`+"\n", 2*n+2, n+1, 3*n+3)
		}},
	"gemini-cli": {".gemini/tmp/p/chats/session-1.jsonl", `{"sessionId":"s","startTime":"2026-05-01T10:00:00Z"}` + "\n", func(n int) string {
		return fmt.Sprintf(`{"id":"m%d","type":"gemini","timestamp":"2026-05-01T10:00:10Z","model":"gemini-3-pro-preview","tokens":{"input":2,"output":1,"total":3}}`+"\n", n)
	}},
}

func TestWhatIsNewIsAllThatIsRead(t *testing.T) {
	for id, tool := range growing {
		for _, resident := range []bool{false, true} {
			t.Run(fmt.Sprint(id, " resident ", resident), func(t *testing.T) { readsWhatIsNew(t, tool.name, tool.head, tool.line, resident) })
		}
	}
}

func readsWhatIsNew(t *testing.T, below, head string, line func(n int) string, resident bool) {
	text := head
	for n := range 1000 {
		text += line(n)
	}
	dir := home(t, map[string]string{below: text, ".claude/projects/p/beside.jsonl": fmt.Sprintf(transcriptLine, 9999, 9999)})
	name := filepath.Join(dir, below)
	age(t, name, filepath.Join(dir, ".claude/projects/p/beside.jsonl"))
	r := &remembering{t: t, resident: resident, o: Options{Home: dir, Getenv: func(string) string { return "" }, GOOS: "linux", Sources: source.All(), Now: now, Zone: time.UTC, Ledger: t.TempDir()}}
	t.Cleanup(func() {
		if r.session != nil {
			r.session.Close()
		}
	})
	if found := r.scan(); found.Records != 1001 || r.opens != 2 {
		t.Fatalf("%d records, %d files opened", found.Records, r.opens)
	}
	if found := r.scan(); found.Records != 1001 || r.opens != 0 {
		t.Fatalf("nothing changed: %d records, %d files opened", found.Records, r.opens)
	}
	add := func(text string, records int64) {
		t.Helper()
		f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		age(t, name)
		// The line, and the bytes before it and at the beginning that are looked at again, before and after.
		if found := r.scan(); found.Records != records || r.opens != 1 || r.read.Load() > int64(2*len(line(1003)))+4*tailSize+100 {
			t.Fatalf("a line was added: %d records, %d files opened, %d bytes read", found.Records, r.opens, r.read.Load())
		}
	}
	for n := 1000; n < 1003; n++ {
		add(line(n), int64(n)+2)
	}
	half := len(line(1003)) / 2
	add(line(1003)[:half], 1004)
	add(line(1003)[half:], 1005)
	add(line(1004)+line(1005)[:half], 1006)
	add(line(1005)[half:], 1007)
	cold := r.o
	cold.Ledger = ""
	want := mustRun(t, cold)
	want.Kept = true
	if diff := cmp.Diff(want, r.scan()); diff != "" {
		t.Error(diff)
	}
}

// What a file that grew has new may be what one tells that had nothing to do with it.
func TestAGrownFileIsTiedToOthersByWhatIsNew(t *testing.T) {
	dir := home(t, map[string]string{".claude/projects/p/a.jsonl": fmt.Sprintf(transcriptLine, 1, 1), ".claude/projects/p/b.jsonl": fmt.Sprintf(transcriptLine, 2, 2), ".claude/projects/p/c.jsonl": fmt.Sprintf(transcriptLine, 3, 3)})
	a, b, c := filepath.Join(dir, ".claude/projects/p/a.jsonl"), filepath.Join(dir, ".claude/projects/p/b.jsonl"), filepath.Join(dir, ".claude/projects/p/c.jsonl")
	age(t, a, b, c)
	r := &remembering{t: t, o: Options{Home: dir, GOOS: "linux", Sources: source.All(), Now: now, Zone: time.UTC, Ledger: t.TempDir()}}
	if found := r.scan(); found.Records != 3 {
		t.Fatalf("%d records", found.Records)
	}
	for _, grown := range []struct {
		name, text string
	}{{a, fmt.Sprintf(transcriptLine, 1, 1) + fmt.Sprintf(transcriptLine, 2, 2)}, {c, fmt.Sprintf(transcriptLine, 3, 3) + fmt.Sprintf(transcriptLine, 1, 1)}} {
		if err := os.WriteFile(grown.name, []byte(grown.text), 0o644); err != nil {
			t.Fatal(err)
		}
		age(t, grown.name)
		if found := r.scan(); found.Records != 3 || r.opens != 1 {
			t.Errorf("%s tells what another does: %d records, %d files opened", filepath.Base(grown.name), found.Records, r.opens)
		}
	}
}

// The same length, but another beginning: that is another file.
func TestARewrittenFileIsReadFromItsBeginning(t *testing.T) {
	var text strings.Builder
	for n := range 1000 {
		fmt.Fprintf(&text, transcriptLine, n, n)
	}
	dir := home(t, map[string]string{".claude/projects/p/a.jsonl": text.String() + fmt.Sprintf(transcriptLine, 1000, 1000)})
	name := filepath.Join(dir, ".claude/projects/p/a.jsonl")
	age(t, name)
	r := &remembering{t: t, o: Options{Home: dir, Getenv: func(string) string { return "" }, GOOS: "linux", Sources: source.All(), Now: now, Zone: time.UTC, Ledger: t.TempDir()}}
	if found := r.scan(); found.Records != 1001 {
		t.Fatalf("%d records", found.Records)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(text.String(), `"output_tokens":1`, `"output_tokens":7`, 1)+fmt.Sprintf(transcriptLine, 5000, 5000)+fmt.Sprintf(transcriptLine, 5001, 5001)), 0o644); err != nil {
		t.Fatal(err)
	}
	if found := r.scan(); found.Records != 1003 || r.read.Load() < int64(text.Len()) {
		t.Fatalf("it was rewritten: %d records, %d bytes read", found.Records, r.read.Load())
	}
}

func TestAFileOfAnotherPlaceDoesNotCount(t *testing.T) {
	dir := home(t, map[string]string{"elsewhere/projects/p/a.jsonl": fmt.Sprintf(transcriptLine, 1, 1)})
	o := Options{Home: dir, GOOS: "linux", Sources: source.All(), Now: now, Zone: time.UTC, Ledger: t.TempDir(), Extra: map[string][]string{"claude-code": {filepath.Join(dir, "elsewhere")}}}
	if n := mustRun(t, o).Records; n != 1 {
		t.Fatal(n)
	}
	without := o
	without.Extra = nil
	if n := mustRun(t, without).Records; n != 0 {
		t.Fatalf("nobody looks there: %d records", n)
	}
	if err := os.RemoveAll(filepath.Join(dir, "elsewhere")); err != nil {
		t.Fatal(err)
	}
	if n := mustRun(t, o).Records; n != 1 {
		t.Fatalf("it was deleted, and is looked for again: %d records", n)
	}
}

func TestTimesToComeAreCountedOnceTheyHaveCome(t *testing.T) {
	dir := home(t, map[string]string{".claude/projects/p/a.jsonl": fmt.Sprintf(transcriptLine, 1, 1)})
	o := Options{Home: dir, GOOS: "linux", Sources: source.All(), Now: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), Zone: time.UTC, Ledger: t.TempDir()}
	if n := mustRun(t, o).Records; n != 0 {
		t.Fatal(n)
	}
	o.Now = now
	if n := mustRun(t, o).Records; n != 1 {
		t.Fatal(n)
	}
}

// While a clock stands wrong, what it makes incredible may be settled again because of another file. It counts once the clock is right.
func TestAClockThatWentBackCostsNothing(t *testing.T) {
	at := func(n int, day string) string {
		return strings.ReplaceAll(fmt.Sprintf(transcriptLine, n, n), "2026-05-01", day)
	}
	dir := home(t, map[string]string{
		".claude/projects/p/a.jsonl": at(0, "2026-04-01") + at(4, "2026-05-01"),
		".claude/projects/p/b.jsonl": at(0, "2026-04-01") + at(2, "2026-04-01"),
	})
	o := Options{Home: dir, GOOS: "linux", Sources: source.All(), Zone: time.UTC, Ledger: t.TempDir()}
	age(t, filepath.Join(dir, ".claude/projects/p/a.jsonl"))
	right, wrong := time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC), time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		now  time.Time
		b    string
		want int64
	}{{right, "", 3}, {wrong, at(3, "2026-04-01"), 3}, {right, "", 4}} {
		if tt.b != "" {
			lay(t, dir, ".claude/projects/p/b.jsonl", at(0, "2026-04-01")+at(2, "2026-04-01")+tt.b)
		}
		o.Now = tt.now
		if n := mustRun(t, o).Records; n != tt.want {
			t.Errorf("%s: %d responses, not %d", tt.now.Format(time.DateOnly), n, tt.want)
		}
	}
}

// BenchmarkRemembered is a scan in which nothing changed.
func BenchmarkRemembered(b *testing.B) {
	dir, kept := b.TempDir(), b.TempDir()
	if _, err := samplehome.Write(dir, samplehome.Options{Seed: 7, Until: now, Days: 180, Sessions: 4}); err != nil {
		b.Fatal(err)
	}
	o := Options{Home: dir, Sources: source.All(), Now: now, Ledger: kept}
	if _, err := Run(b.Context(), o); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Run(b.Context(), o); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGrown is a scan after a line was added to a rollout of 1 MB, of a process that begins and of one that goes on.
func BenchmarkGrown(b *testing.B) {
	for name, resident := range map[string]bool{"anew": false, "resident": true} {
		b.Run(name, func(b *testing.B) {
			dir, tool := b.TempDir(), growing["codex"]
			if _, err := samplehome.Write(dir, samplehome.Options{Seed: 7, Until: now, Days: 180, Sessions: 4}); err != nil {
				b.Fatal(err)
			}
			var text strings.Builder
			text.WriteString(tool.head)
			n := 0
			for ; text.Len() < 1<<20; n++ {
				text.WriteString(tool.line(n))
			}
			file := filepath.Join(dir, tool.name)
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				b.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(text.String()), 0o644); err != nil {
				b.Fatal(err)
			}
			f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			s := NewSession(Options{Home: dir, Sources: source.All(), Ledger: b.TempDir()})
			defer func() { s.Close() }()
			if _, err := s.Scan(b.Context(), now); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.WriteString(tool.line(n)); err != nil {
					b.Fatal(err)
				}
				n++
				if !resident {
					s.Close()
					s = NewSession(s.options)
				}
				if _, err := s.Scan(b.Context(), now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCells is the reading of a ledger of 400 sessions.
func BenchmarkCells(b *testing.B) {
	dir, kept := b.TempDir(), b.TempDir()
	if _, err := samplehome.Write(dir, samplehome.Options{Seed: 7, Until: now, Days: 180, Sessions: 4}); err != nil {
		b.Fatal(err)
	}
	if _, err := Run(b.Context(), Options{Home: dir, Sources: source.All(), Now: now, Ledger: kept}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		l, err := ledger.Open(kept)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := l.Cells(nil); err != nil {
			b.Fatal(err)
		}
		l.Close()
	}
}
