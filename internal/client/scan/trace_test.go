package scan

import (
	"context"
	"fmt"
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
