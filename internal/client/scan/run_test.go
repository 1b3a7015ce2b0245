package scan

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/samplehome"
	"tokenflex.ing/internal/usage"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// home writes files below a new folder.
func home(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func mustRun(t *testing.T, o Options) *Result {
	t.Helper()
	if o.Sources == nil {
		o.Sources = source.All()
	}
	if o.Now.IsZero() {
		o.Now = now
	}
	r, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestASampleHomeAddsUpToItsTruth(t *testing.T) {
	dir := t.TempDir()
	want, err := samplehome.Write(dir, samplehome.Options{Seed: 7, Until: now, Days: 40, Sessions: 2})
	if err != nil {
		t.Fatal(err)
	}
	r := mustRun(t, Options{Home: dir})
	for i := range r.Cells {
		r.Cells[i].Band = r.Cells[i].Band.Common() // as the price book has it for the models of this home
	}
	if diff := cmp.Diff(want, usage.ByDay(r.Cells, time.UTC)); diff != "" {
		t.Error(diff)
	}
	if len(r.Warnings) > 0 {
		t.Errorf("warnings %+v", r.Warnings)
	}
}

// claude returns one line of a transcript.
func claude(id string, output int) string {
	return fmt.Sprintf(`{"type":"assistant","timestamp":"2026-05-01T10:00:00Z","requestId":"r-%s","cwd":"/w/CANARY","message":{"id":%q,"model":"m","content":"CANARY","usage":{"input_tokens":1,"output_tokens":%d}}}`+"\n", id, id, output)
}

const transcript = ".claude/projects/p/s.jsonl"

// state returns what was found of one source.
func state(t *testing.T, r *Result, id string) State {
	t.Helper()
	i := slices.IndexFunc(r.Sources, func(s State) bool { return s.ID == id })
	if i < 0 {
		t.Fatalf("no state of %s", id)
	}
	return r.Sources[i]
}

func TestEverySourceIsInOneBucket(t *testing.T) {
	dir := home(t, map[string]string{
		transcript:                            claude("a", 5),
		".codex/config.toml":                  "",
		".gemini/tmp/p/chats/session-1.jsonl": `{"sessionId":"x"}` + "\n",
		".codeium/windsurf/user_settings.pb":  "",
		".config/Trae/User/settings.json":     "{}",
	})
	r := mustRun(t, Options{Home: dir, GOOS: "linux"})
	if len(r.Sources) != len(source.All()) {
		t.Fatalf("%d states of %d sources", len(r.Sources), len(source.All()))
	}
	want := map[string]Status{"claude-code": Measured, "codex": Detected, "gemini-cli": Detected, "windsurf": Detected, "trae": Detected, "kiro": NotFound, "crush": NotFound}
	for id, status := range want {
		s := state(t, r, id)
		if s.Status != status || (s.Reason != "") != (status == Detected) || len(s.Looked) == 0 || (len(s.Roots) > 0) != (status != NotFound) {
			t.Errorf("%s: %+v", id, s)
		}
	}
	at := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	got := state(t, r, "claude-code")
	got.Looked = nil
	if diff := cmp.Diff(State{ID: "claude-code", Name: "Claude Code", Status: Measured, Quality: "exact", Roots: []string{filepath.Join(dir, ".claude")}, Files: 1,
		Bytes: int64(len(claude("a", 5))), Records: 1, TotalTokens: 6, First: at, Last: at, DeletesAfterDays: 30, Own: []string{filepath.Join(dir, ".claude")}}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"nothing-counted"}, codesOf(r)); diff != "" || r.Warnings[0].Source != "gemini-cli" || r.Warnings[0].Partial {
		t.Error(diff, r.Warnings)
	}
}

func TestAnEmptyHomeIsNoTrouble(t *testing.T) {
	for _, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), "gone"), ""} {
		r := mustRun(t, Options{Home: dir})
		if r.Records != 0 || len(r.Cells) != 0 || len(r.Warnings) != 0 || slices.ContainsFunc(r.Sources, func(s State) bool { return s.Status != NotFound }) {
			t.Errorf("%q: %+v", dir, r)
		}
	}
}

func TestAGrowingFileIsReadAgain(t *testing.T) {
	second := claude("b", 7)
	dir := home(t, map[string]string{transcript: claude("a", 5) + second[:40]})
	first := mustRun(t, Options{Home: dir})
	if first.Records != 1 || len(first.Warnings) > 0 {
		t.Errorf("%d records, %v", first.Records, first.Warnings)
	}
	f, err := os.OpenFile(filepath.Join(dir, transcript), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(second[40:] + claude("b", 9)); err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	again := mustRun(t, Options{Home: dir})
	if s := state(t, again, "claude-code"); s.Records != 2 || s.TotalTokens != 16 || s.Dropped != 1 {
		t.Errorf("%+v", s)
	}
}

func TestALineOfFortyMegabytesHidesNothing(t *testing.T) {
	dir := home(t, map[string]string{transcript: `{"type":"user","message":{"content":"` + strings.Repeat("CANARY!?", 5<<20) + `"}}` + "\n" + claude("a", 5)})
	if r := mustRun(t, Options{Home: dir}); r.Records != 1 || len(r.Warnings) > 0 {
		t.Errorf("%d records, %v", r.Records, r.Warnings)
	}
}

func TestALineThatIsTooLongIsReported(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a quarter of a gigabyte")
	}
	dir := home(t, map[string]string{transcript: claude("a", 5)})
	f, err := os.OpenFile(filepath.Join(dir, transcript), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(f, io.MultiReader(&repeated{maxLine + 1}, strings.NewReader("\n"+claude("b", 7)))); err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	r := mustRun(t, Options{Home: dir})
	if diff := cmp.Diff([]string{"oversized-lines"}, codesOf(r)); diff != "" || !r.Warnings[0].Partial || r.Records != 2 || state(t, r, "claude-code").Skipped != 1 {
		t.Errorf("%d records, %v", r.Records, r.Warnings)
	}
}

func TestDatesThatNobodyBelievesAreReported(t *testing.T) {
	line := func(id, at string) string { return strings.Replace(claude(id, 1), "2026-05-01T10:00:00Z", at, 1) }
	dir := home(t, map[string]string{transcript: line("a", "2026-11-24T11:59:59Z") + line("b", "2026-11-24T12:00:01Z") + line("c", "2022-12-31T23:59:59Z") + line("d", "2023-01-01T00:00:00Z")})
	r := mustRun(t, Options{Home: dir})
	if diff := cmp.Diff([]string{"undated-records"}, codesOf(r)); diff != "" || r.Records != 2 {
		t.Errorf("%d records, %v", r.Records, r.Warnings)
	}
	dir = home(t, map[string]string{transcript: line("b", "noon")})
	if diff := cmp.Diff([]string{"nothing-counted", "undated-records"}, codesOf(mustRun(t, Options{Home: dir}))); diff != "" {
		t.Error(diff)
	}
}

// A single large file is no reason to say nothing until it was read.
func TestProgressGoesOnWithinAFile(t *testing.T) {
	line := `{"type":"user","message":{"content":"` + strings.Repeat("x", 1000) + `"}}` + "\n"
	dir := home(t, map[string]string{transcript: claude("a", 5) + strings.Repeat(line, 2000)})
	var steps []int64
	mustRun(t, Options{Home: dir, Progress: func(done, total int64, _ int) {
		if len(steps) > 0 && done < steps[len(steps)-1] || done > total {
			t.Errorf("%d of %d bytes after %v", done, total, steps)
		}
		steps = append(steps, done)
	}})
	if len(steps) < 5 || steps[0] != 0 {
		t.Errorf("it was told after %v bytes", steps)
	}
}

func TestProgressReachesItsTotal(t *testing.T) {
	dir := home(t, map[string]string{transcript: claude("a", 5), ".claude/projects/p/t.jsonl": claude("b", 5) + claude("c", 5)})
	var last, whole int64
	calls := 0
	mustRun(t, Options{Home: dir, Progress: func(done, total int64, files int) {
		if done < last || done > total || files != 2 {
			t.Errorf("%d of %d bytes in %d files after %d", done, total, files, last)
		}
		last, whole = done, total
		calls++
	}})
	if last != whole || calls == 0 {
		t.Errorf("ended at %d of %d", last, whole)
	}
}

func TestNothingHostileStopsAScan(t *testing.T) {
	samples, err := os.ReadDir("../source/testdata/hostile")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range samples {
		if e.IsDir() {
			files[".claude/projects/p/"+e.Name()+"/x"] = ""
			files[".codex/sessions/rollout-"+e.Name()+"/x"] = ""
			continue
		}
		text, err := os.ReadFile(filepath.Join("../source/testdata/hostile", e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{".claude/projects/p/" + e.Name(), ".codex/sessions/rollout-" + e.Name(), ".codex/sessions/rollout-packed-" + e.Name() + ".zst", ".gemini/tmp/p/chats/" + e.Name(), ".gemini/tmp/p/chats/" + e.Name() + ".json"} {
			files[name] = string(text)
		}
	}
	files[transcript] = claude("a", 5)
	r := mustRun(t, Options{Home: home(t, files), GOOS: "linux"})
	for _, c := range r.Cells {
		if c.Tokens != c.Tokens.Clean() || c.Tokens.IsZero() || c.Model == "" {
			t.Errorf("%+v", c)
		}
	}
	if state(t, r, "claude-code").Status != Measured {
		t.Error("the good file is lost")
	}
	seen := map[string]bool{}
	for _, w := range r.Warnings {
		if seen[w.Source+w.Code] || len(w.Details) > culprits || strings.Contains(w.Message, "\n") || strings.HasSuffix(w.Message, ".") {
			t.Errorf("%+v", w)
		}
		seen[w.Source+w.Code] = true
	}
}

func BenchmarkRun(b *testing.B) {
	dir := b.TempDir()
	if _, err := samplehome.Write(dir, samplehome.Options{Seed: 1, Until: now, Days: 365, Sessions: 6}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r, err := Run(b.Context(), Options{Home: dir, Sources: source.All(), Now: now})
		if err != nil || r.Records == 0 {
			b.Fatal(r, err)
		}
		b.SetBytes(r.Bytes)
	}
}
