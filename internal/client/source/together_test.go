package source_test

import (
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/source"
)

// together returns how many records are kept of every source in a home that holds the homes of several, and the files.
func together(t *testing.T, homes []string, files map[string]string) map[string]int64 {
	t.Helper()
	home := t.TempDir()
	for _, from := range homes {
		if err := os.CopyFS(home, os.DirFS(filepath.Join("testdata", from, "home"))); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range files {
		name = filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept := make(map[string]int64)
	for _, s := range scanHome(t, home, source.All()).Sources {
		if s.Records > 0 {
			kept[s.ID] = s.Records
		}
	}
	return kept
}

// OpenClaw keeps the last answer of every turn that it drives in Codex, whose rollout has them all.
func TestTurnsOfOneToolThatAnotherDrivesCountOnce(t *testing.T) {
	const turn = `{"type":"message","id":"e1","timestamp":"2026-05-01T10:00:00Z","message":{"role":"assistant","model":"gpt-5.2-codex",` +
		`"idempotencyKey":"codex-app-server:0196f0a1-0000-7000-8000-000000000001:t1:final","usage":{"input":10,"output":20}}}` + "\n"
	const own = `{"type":"message","id":"e2","timestamp":"2026-05-01T10:01:00Z","message":{"role":"assistant","model":"m","usage":{"input":1,"output":2}}}` + "\n"
	files := map[string]string{".openclaw/agents/main/sessions/s1.jsonl": turn + own}
	alone := together(t, nil, files)
	if diff := cmp.Diff(map[string]int64{"openclaw": 2}, alone); diff != "" {
		t.Error(diff)
	}
	codex := together(t, []string{"codex/parent"}, nil)["codex"]
	if diff := cmp.Diff(map[string]int64{"codex": codex, "openclaw": 1}, together(t, []string{"codex/parent"}, files)); diff != "" || codex == 0 {
		t.Error(codex, diff)
	}
}

// What OpenClaw drives may keep its home below OpenClaw's own: the rollouts there are that tool's.
func TestFilesThatAToolKeepsForAnotherAreThatOnes(t *testing.T) {
	const thread = "0196f0a1-0000-7000-8000-000000000009"
	const rollout = `{"timestamp":"2026-05-01T10:00:00Z","type":"session_meta","payload":{"id":"` + thread + `","timestamp":"2026-05-01T10:00:00Z"}}` + "\n" +
		`{"timestamp":"2026-05-01T10:00:00Z","type":"turn_context","payload":{"model":"gpt-5.2-codex"}}` + "\n" +
		`{"timestamp":"2026-05-01T10:00:01Z","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":10,"output_tokens":5,"total_tokens":15},"last_token_usage":{"input_tokens":10,"output_tokens":5,"total_tokens":15}}}}` + "\n"
	const turn = `{"type":"message","id":"e1","timestamp":"2026-05-01T10:00:02Z","message":{"role":"assistant","model":"gpt-5.2-codex",` +
		`"idempotencyKey":"codex-app-server:` + thread + `:t1:final","usage":{"input":1,"output":2}}}` + "\n"
	got := together(t, nil, map[string]string{
		".openclaw/agents/main/sessions/s1.jsonl": turn,
		".openclaw/agents/main/agent/codex-home/sessions/2026/05/01/rollout-2026-05-01T10-00-00-" + thread + ".jsonl": rollout,
	})
	if diff := cmp.Diff(map[string]int64{"codex": 1}, got); diff != "" {
		t.Error(diff)
	}
}

// A session of Claude Code that goes on in Cherry Studio lies in that tool's folder again. OpenClaude has its own sessions only.
func TestTranscriptsOfAFamilyCountOnce(t *testing.T) {
	const line = `{"type":"assistant","sessionId":"s","requestId":"r1","timestamp":"2026-05-01T10:00:00Z","message":{"id":"m1","model":"claude-sonnet-4-5","usage":{"input_tokens":1,"output_tokens":2}}}` + "\n"
	const more = `{"type":"assistant","sessionId":"s","requestId":"r2","timestamp":"2026-05-01T10:01:00Z","message":{"id":"m2","model":"claude-sonnet-4-5","usage":{"input_tokens":3,"output_tokens":4}}}` + "\n"
	got := together(t, nil, map[string]string{
		".claude/projects/p/s.jsonl":                      line,
		".config/CherryStudio/.claude/projects/p/s.jsonl": line + more,
		".openclaude/projects/p/s.jsonl":                  line,
	})
	if diff := cmp.Diff(map[string]int64{"claude-code": 1, "cherry-studio": 1, "openclaude": 1}, got); diff != "" {
		t.Error(diff)
	}
}

// Homes of all sources in one say what each says alone: five of every source, from its first to its last.
func TestSourcesDoNotDisturbOneAnother(t *testing.T) {
	const rounds = 5
	var beside [rounds][]string
	var want [rounds]map[string]int64
	for _, s := range source.All() {
		if s.Read == nil || s.ID == "kimi-cli" { // the homes of its successor, which takes its sessions over, have sessions of the same names
			continue
		}
		cases, err := os.ReadDir(filepath.Join("testdata", s.ID))
		if err != nil || len(cases) == 0 {
			t.Fatal(s.ID, err)
		}
		for round := range rounds {
			home := path.Join(s.ID, cases[round*(len(cases)-1)/(rounds-1)].Name())
			beside[round] = append(beside[round], home)
			if want[round] == nil {
				want[round] = make(map[string]int64)
			}
			alone := scanHome(t, filepath.Join("testdata", home, "home"), []source.Source{s})
			if n := alone.Sources[0].Records; n > 0 {
				want[round][s.ID] = n
			}
		}
	}
	for round := range rounds {
		if diff := cmp.Diff(want[round], together(t, beside[round], nil)); diff != "" {
			t.Errorf("%v: %s", beside[round], diff)
		}
	}
}
