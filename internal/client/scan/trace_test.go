package scan

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/source"
)

// told is a line of a transcript.
func told(session, id, at string, output int) string {
	return fmt.Sprintf(`{"type":"assistant","sessionId":%q,"requestId":"r%s","timestamp":"2026-05-%sZ","message":{"id":%q,"model":"claude-haiku-4-5","usage":{"input_tokens":1,"output_tokens":%d}}}`+"\n",
		session, id, at, id, output)
}

func TestATraceSaysWhatBecameOfEveryLine(t *testing.T) {
	dir := home(t, map[string]string{
		".claude/projects/p/a.jsonl": told("a", "m1", "01T10:00:00", 1) + told("a", "m1", "01T10:00:01", 9) + told("a", "m1", "01T10:00:02", 20) +
			told("a", "m2", "01T11:00:00", 5) + told("a", "m9", "02T11:00:00", 5),
		".claude/projects/p/b.jsonl": told("a", "m1", "01T10:00:02", 20) + told("a", "m2", "01T11:00:00", 5) + told("b", "m3", "01T12:00:00", 7),
		".claude/projects/p/c.jsonl": told("c", "m8", "03T12:00:00", 7),
	})
	day := func(at time.Time) bool { return at.Format(time.DateOnly) == "2026-05-01" }
	r, err := Run(context.Background(), Options{Home: dir, GOOS: "linux", Sources: source.All(), Traced: day})
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Traces {
		for j := range r.Traces[i].Files {
			f := &r.Traces[i].Files[j]
			f.Name, f.Size = filepath.ToSlash(strings.TrimPrefix(f.Name, dir)), 0
		}
	}
	want := []Trace{{Source: "claude-code", Told: 7, Kept: 3, Again: 2, Copied: []Copied{{"a", 2}},
		Files: []TracedFile{{Name: "/.claude/projects/p/a.jsonl", Told: 4}, {Name: "/.claude/projects/p/b.jsonl", Told: 3}}}}
	if diff := cmp.Diff(want, r.Traces); diff != "" {
		t.Error(diff)
	}
	if again, _ := Run(context.Background(), Options{Home: dir, GOOS: "linux", Sources: source.All()}); again.Traces != nil || again.Records != r.Records {
		t.Errorf("%d records and %v without a trace", again.Records, again.Traces)
	}
}

// A response that claims to be of a far day does not have all days until then looked through.
func TestATraceOfAFarDayIsShort(t *testing.T) {
	far := strings.Replace(told("a", "m2", "02T10:00:00", 5), "2026-05-02", "9999-05-02", 1)
	dir := home(t, map[string]string{".claude/projects/p/a.jsonl": told("a", "m1", "01T10:00:00", 1) + far})
	asked := 0
	day := func(at time.Time) bool {
		if asked++; asked > 100_000 {
			t.Fatal("it goes on and on, to ", at)
		}
		return at.Format(time.DateOnly) == "2026-04-30"
	}
	r := mustRun(t, Options{Home: dir, GOOS: "linux", Sources: source.All(), Now: now, Traced: day})
	if r.Traces != nil || r.Records != 1 {
		t.Errorf("%d records, %v", r.Records, r.Traces)
	}
}

// The traces of all days add up to one of all times, which reads everything, whatever a ledger went through.
func TestTracesOfDaysLeaveNothingOut(t *testing.T) {
	for seed := range uint64(12) {
		random := rand.New(rand.NewPCG(seed, 4))
		dir, kept := home(t, nil), t.TempDir()
		id := 0
		for step := range 14 {
			name := filepath.Join(dir, ".claude/projects/p", fmt.Sprintf("s%d.jsonl", random.IntN(6)))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			var text strings.Builder
			for range 1 + random.IntN(4) {
				line := id
				if id > 0 && random.IntN(3) == 0 {
					line = random.IntN(id) // told before, here or elsewhere
				} else {
					id++
				}
				at := fmt.Sprintf("%02dT%02d:%02d:00", 1+random.IntN(9), random.IntN(24), random.IntN(60))
				text.WriteString(told(strings.TrimSuffix(filepath.Base(name), ".jsonl"), fmt.Sprint("m", line), at, 1+random.IntN(5)))
			}
			switch random.IntN(6) {
			case 0:
				os.Remove(name)
			case 1:
				os.WriteFile(name, []byte(text.String()), 0o600)
			default:
				f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
				if err != nil {
					t.Fatal(err)
				}
				f.WriteString(text.String())
				f.Close()
			}
			o := Options{Home: dir, GOOS: "linux", Sources: source.All(), Ledger: kept, Now: time.Date(2026, 5, 8, 0, 0, 0, 0, time.UTC)} // the last day is not believed yet
			if step%3 > 0 {
				mustRun(t, o)
				continue
			}
			o.Traced = func(time.Time) bool { return true }
			want, got := added(mustRun(t, o)), make(map[string]int64)
			for day := 1; day < 10; day++ {
				o.Traced = func(at time.Time) bool { return at.UTC().Day() == day }
				for what, n := range added(mustRun(t, o)) {
					got[what] += n
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("seed %d, step %d: %s", seed, step, diff)
			}
		}
	}
}

// added is how much of what a trace counts.
func added(r *Result) map[string]int64 {
	sums := make(map[string]int64)
	for _, of := range r.Traces {
		sums["told"] += of.Told
		sums["kept"] += of.Kept
		sums["again"] += of.Again
		sums["elsewhere"] += of.Elsewhere
		for _, f := range of.Files {
			sums[f.Name] += f.Told
		}
	}
	return sums
}

func TestATraceReadsWhatMayTellOfItAlone(t *testing.T) {
	files := make(map[string]string)
	for n := range 20 {
		files[fmt.Sprintf(".claude/projects/p/s%d.jsonl", n)] = told(fmt.Sprint("s", n), fmt.Sprint("m", n), fmt.Sprintf("%02dT10:00:00", n+1), 1)
	}
	dir := home(t, files)
	o := Options{Home: dir, GOOS: "linux", Sources: source.All(), Ledger: t.TempDir()}
	mustRun(t, o)
	s := newSession(o, osAccess)
	defer s.Close()
	s.open(t.Context())
	o.Traced = func(at time.Time) bool { return at.Day() == 7 }
	p := newPass(o, osAccess, s.machine, nil, s.book)
	if _, order, err := p.telling(); err != nil || len(order) != 1 {
		t.Errorf("%d groups would be read, and %v", len(order), err)
	}
}
