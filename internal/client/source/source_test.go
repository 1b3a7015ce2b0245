package source

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

func TestEverySourceIsDescribed(t *testing.T) {
	id := regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)
	seen := map[string]bool{}
	for _, s := range All() {
		if !id.MatchString(s.ID) || seen[s.ID] || s.Name == "" || len(s.Places) == 0 {
			t.Errorf("%q: bad or repeated id, no name or no place", s.ID)
		}
		seen[s.ID] = true
		if counted := s.Read != nil; !counted && s.Reason == "" || counted != (s.Quality != "") || counted != (s.Revision > 0) {
			t.Errorf("%s: reason %q, quality %q, revision %d", s.ID, s.Reason, s.Quality, s.Revision)
		}
		for _, p := range s.Places {
			for _, root := range p.Roots {
				if root[0] != '~' && root[0] != '$' || strings.Contains(root, `\`) {
					t.Errorf("%s: root %q", s.ID, root)
				}
			}
		}
	}
}

// The order of files, which is that of folders and of luck, never shows.
func TestOrderOfFilesChangesNothing(t *testing.T) {
	for _, s := range readable() {
		var all []Part
		for home, files := range fixtures(t, s.ID) {
			var parts []Part
			for name, text := range files {
				p, _ := read(s, name, text)
				parts = append(parts, p)
			}
			want := settle(s, parts)
			for range 8 {
				rand.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
				if diff := cmp.Diff(want, settle(s, parts)); diff != "" {
					t.Fatalf("%s/%s: %s", s.ID, home, diff)
				}
			}
			all = append(all, parts...)
		}
		want := settle(s, all)
		for range 8 {
			rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			if diff := cmp.Diff(want, settle(s, all)); diff != "" {
				t.Fatalf("%s, all homes at once: %s", s.ID, diff)
			}
		}
	}
}

// Settling changes no part, so that the same parts can be settled again beside others.
func TestSettlingLeavesPartsAlone(t *testing.T) {
	for _, s := range readable() {
		for home, files := range fixtures(t, s.ID) {
			var parts, again []Part
			for name, text := range files {
				p, _ := read(s, name, text)
				parts = append(parts, p)
				p, _ = read(s, name, text)
				again = append(again, p)
			}
			first := settle(s, parts)
			if diff := cmp.Diff(again, parts); diff != "" {
				t.Errorf("%s/%s: %s", s.ID, home, diff)
			}
			if diff := cmp.Diff(first, settle(s, parts)); diff != "" {
				t.Errorf("%s/%s, settled twice: %s", s.ID, home, diff)
			}
		}
	}
}

// Parts can be kept: what is written and read again settles to the same.
func TestPartsCanBeKept(t *testing.T) {
	for _, s := range readable() {
		for home, files := range fixtures(t, s.ID) {
			var parts, kept []Part
			for name, text := range files {
				p, _ := read(s, name, text)
				parts = append(parts, p)
			}
			text, err := json.Marshal(parts)
			if err != nil || json.Unmarshal(text, &kept) != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(settle(s, parts), settle(s, kept), cmpopts.EquateApproxTime(0)); diff != "" {
				t.Errorf("%s/%s: %s", s.ID, home, diff)
			}
		}
	}
}

// claudeLines draws snapshots of a few responses, as many files may hold them.
func claudeLines(t *rapid.T) []string {
	lines := make([]string, rapid.IntRange(1, 30).Draw(t, "lines"))
	for i := range lines {
		id := rapid.SampledFrom([]string{"m1", "m2", "m3"}).Draw(t, "id")
		line := map[string]any{
			"type": "assistant", "isSidechain": rapid.Bool().Draw(t, "side"), "sessionId": "s", "cwd": "/w",
			"timestamp": time.Date(2026, 5, 1, 10, rapid.IntRange(0, 59).Draw(t, "minute"), 0, 0, time.UTC),
			"message": map[string]any{"id": id, "model": rapid.SampledFrom([]string{"a", "b"}).Draw(t, "model"), "usage": map[string]any{
				"input_tokens": rapid.IntRange(0, 3).Draw(t, "in"), "output_tokens": rapid.IntRange(0, 4).Draw(t, "out"), "cache_read_input_tokens": rapid.IntRange(0, 3).Draw(t, "read"),
			}},
		}
		if request := rapid.SampledFrom([]string{"", "r1", "r2"}).Draw(t, "request"); request != "" {
			line["requestId"] = request
		}
		text, err := json.Marshal(line)
		if err != nil {
			t.Fatal(err)
		}
		lines[i] = string(text) + "\n"
	}
	return lines
}

func TestSplittingASessionOverFilesChangesNoSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := claudeLines(t)
		whole, _ := read(claudeCode, "projects/p/s.jsonl", []byte(strings.Join(lines, "")))
		files := make([]string, rapid.IntRange(1, 4).Draw(t, "files"))
		for _, i := range rapid.Permutation(seq(len(lines))).Draw(t, "order") {
			files[rapid.IntRange(0, len(files)-1).Draw(t, "file")] += lines[i]
		}
		var parts []Part
		for _, text := range files {
			p, _ := read(claudeCode, "projects/p/s.jsonl", []byte(text))
			parts = append(parts, p)
		}
		if diff := cmp.Diff(settle(claudeCode, []Part{whole}), settle(claudeCode, parts)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestRepeatingEventsOfARolloutChangesNoSum(t *testing.T) {
	lines := bytes.SplitAfter(fixtures(t, "codex")["parent"][".codex/sessions/2026/05/01/rollout-2026-05-01T10-00-00-0196f0a1-0000-7000-8000-000000000001.jsonl"], []byte("\n"))
	whole, _ := read(codex, "rollout-x.jsonl", bytes.Join(lines, nil))
	rapid.Check(t, func(t *rapid.T) {
		var text []byte
		for i, line := range lines {
			text = append(text, line...)
			for range rapid.IntRange(0, 2).Draw(t, "repeats") {
				text = append(text, lines[rapid.IntRange(2, max(2, i)).Draw(t, "which")]...)
			}
		}
		if len(lines) < 4 {
			t.Fatal("too short")
		}
		p, _ := read(codex, "rollout-x.jsonl", text)
		if diff := cmp.Diff(settle(codex, []Part{whole}), settle(codex, []Part{p})); diff != "" {
			t.Fatal(diff)
		}
	})
}

func seq(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

func TestTheRestOfATruncatedLineCountsOnceItIsThere(t *testing.T) {
	files := fixtures(t, "claude-code")["last-line-without-end"]
	for name, text := range files {
		for cut := range text {
			p, m := read(claudeCode, name, text[:cut])
			if len(p.Entries) > 2 || len(m.faults) > 0 {
				t.Fatalf("cut at %d: %d entries, faults %v", cut, len(p.Entries), m.faults)
			}
		}
		if p, _ := read(claudeCode, name, append(text, '\n')); len(p.Entries) != 2 {
			t.Errorf("%d entries", len(p.Entries))
		}
	}
}

// hostile returns what no tool would write.
func hostile(t testing.TB) map[string][]byte {
	t.Helper()
	files := map[string][]byte{
		"deep":        []byte(strings.Repeat(`{"message":`, 100_000) + strings.Repeat("[", 100_000)),
		"deep usage":  []byte(`{"type":"assistant","message":{"usage":` + strings.Repeat(`[{"a":`, 50_000) + "1" + strings.Repeat("}]", 50_000) + "}}\n"),
		"zeros":       make([]byte, 70_000),
		"one string":  []byte(`"` + strings.Repeat(`\"`, 100_000)),
		"blank lines": bytes.Repeat([]byte("\r\n \t\n"), 10_000),
	}
	names, err := filepath.Glob("testdata/hostile/*")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if info, err := os.Stat(name); err != nil || info.IsDir() {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = text
	}
	return files
}

func TestNothingHostileIsMoreThanSkipped(t *testing.T) {
	for _, s := range readable() {
		for name, text := range hostile(t) {
			for _, as := range names(s) {
				p, _ := read(s, as, text)
				sound(t, s.ID+" "+name, settle(s, []Part{p, p}))
			}
		}
	}
}

// sound fails the test if an entry has counters that no response can have.
func sound(t *testing.T, name string, entries []Entry) {
	t.Helper()
	for _, e := range entries {
		if k := e.Tokens; k != k.Clean() || k.IsZero() || k.Total() > 8*MaxCount || e.Model == "" || e.Source != "" || !e.Time.IsZero() && e.Time.Before(Oldest) {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestTimesOfAllKindsAreRead(t *testing.T) {
	at := time.Date(2026, 5, 1, 10, 0, 1, 0, time.UTC)
	tests := map[string]time.Time{
		`"2026-05-01T10:00:01Z"`: at, `"2026-05-01T10:00:01.5Z"`: at.Add(time.Second / 2), `"2026-05-01T10:00:01.123456789Z"`: at.Add(123456789),
		`"2026-05-01T12:00:01+02:00"`: at, `"2026-05-01 10:00:01"`: at, `"2026-05-01T10:00:01"`: at, `" 2026-05-01T10:00:01Z "`: at, `"2026-05-01 10:00:01.5"`: at.Add(time.Second / 2),
		`1777629601`: at, `1777629601000`: at, `1777629601000000`: at, `1777629601.75`: at, `"2026-05-31T10:00:01Z"`: at.AddDate(0, 0, 30),
		`"2026-02-30T10:00:01Z"`: {}, `"2026-13-01T10:00:01Z"`: {}, `"2026-05-01T24:00:01Z"`: {}, `"2026-05-01T10:00:01.Z"`: {}, `"2022-12-31T23:59:59Z"`: {},
		`""`: {}, `"noon"`: {}, `null`: {}, `0`: {}, `-5`: {}, `{}`: {}, `true`: {}, `"2026-05-0aT10:00:01Z"`: {}, `99999999999999999999`: {},
	}
	for text, want := range tests {
		got := when(jsonwalk.New([]byte(text)))
		if text == `99999999999999999999` { // the year 294246, which nothing believes
			want = got
		}
		if !got.Equal(want) {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestSessionsOfTranscriptsComeFromTheirPlace(t *testing.T) {
	tests := map[string][2]string{
		"projects/-p/s1.jsonl":                                                   {"s1", "-p"},
		"projects/-p/s1/subagents/agent-1.jsonl":                                 {"s1", "-p"},
		"projects/-p/s1/subagents/workflows/w/agent-1.jsonl":                     {"s1", "-p"},
		"projects/-p/subagents/agent-1.jsonl":                                    {"", "-p"},
		"projects/-p/agent-1.jsonl":                                              {"", "-p"},
		"projects/s1.jsonl":                                                      {"s1", ""},
		"app/ws/local_s/.claude/projects/-p/s1.jsonl":                            {"s1", "-p"},
		"Claude_x/a/local-agent-mode-sessions/a/projects/-p/s/subagents/a.jsonl": {"s", "-p"},
	}
	for file, want := range tests {
		if session, slug := claudePath(file); session != want[0] || slug != want[1] {
			t.Errorf("%s: session %q, project %q", file, session, slug)
		}
	}
}

func TestDistinctKeepsTheBestWithTheEarliestTime(t *testing.T) {
	at := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	entry := func(id string, output int64, minutes int) Entry {
		return Entry{Record: usage.Record{ID: id, Model: "m", Time: at.Add(time.Duration(minutes) * time.Minute), Tokens: usage.Tokens{Output: output}}}
	}
	undated := entry("a", 2, 0)
	undated.Time = time.Time{}
	parts := []Part{{Entries: []Entry{entry("a", 1, 3), undated, entry("", 5, 0)}}, {Entries: []Entry{entry("a", 9, 7), entry("", 5, 0), entry("b", 1, 1)}}}
	want := []Entry{entry("", 5, 0), entry("", 5, 0), entry("b", 1, 1), entry("a", 9, 3)}
	if diff := cmp.Diff(want, settle(Source{}, parts)); diff != "" {
		t.Error(diff)
	}
}
