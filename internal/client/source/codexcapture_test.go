package source_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/scan"
	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/usage"
)

// What "codex exec --json" printed is read where the user named its folder, and only of threads that have no rollout. Its usage
// is what the thread has used so far.
func TestCapturesCountWhereTheUserNamedTheirFolder(t *testing.T) {
	home := t.TempDir()
	files := map[string]string{
		"runs/a.jsonl": `{"type":"thread.started","thread_id":"t-1"}
{"type":"item.completed","item":{"text":"CANARY turn.completed"}}
{"type":"turn.completed","usage":{"input_tokens":1000,"cached_input_tokens":600,"output_tokens":50}}
{"type":"turn.completed","usage":{"input_tokens":2500,"cached_input_tokens":1600,"output_tokens":90,"reasoning_output_tokens":9}}
`,
		"runs/deep/again.jsonl": `{"type":"thread.started","thread_id":"t-1"}
{"type":"turn.completed","usage":{"input_tokens":1000,"cached_input_tokens":600,"output_tokens":50}}
{"type":"thread.started","thread_id":"t-2"}
{"data":{"type":"turn.completed","model":"gpt-5.2","usage":{"prompt_tokens":30,"cached_tokens":10,"completion_tokens":5}}}
`,
		"runs/without-thread.jsonl": `{"type":"turn.completed","usage":{"input_tokens":7,"output_tokens":2}}
{"type":"turn.completed","usage":{"input_tokens":3,"output_tokens":1}}
`,
		"runs/of-a-rollout.jsonl": `{"type":"thread.started","thread_id":"0196f0a1-0000-7000-8000-000000000001"}
{"type":"turn.completed","usage":{"input_tokens":9999,"output_tokens":9999}}
`,
		".codex/history.jsonl": `{"type":"turn.completed","usage":{"input_tokens":9999,"output_tokens":9999}}` + "\n",
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
	if err := os.CopyFS(home, os.DirFS("testdata/codex/parent/home")); err != nil {
		t.Fatal(err)
	}
	var codex []source.Source
	for _, s := range source.All() {
		if s.ID == "codex" {
			codex = append(codex, s)
		}
	}
	run := func(o scan.Options) map[string]usage.Tokens {
		t.Helper()
		o.Home, o.GOOS, o.Zone, o.Sources, o.Now = home, "linux", time.UTC, codex, time.Now()
		r, err := scan.Run(context.Background(), o)
		if err != nil || len(r.Warnings) > 1 || len(r.Warnings) == 1 && r.Warnings[0].Code != "inferred-models" {
			t.Fatal(err, r.Warnings)
		}
		sums := make(map[string]usage.Tokens)
		for _, c := range r.Cells {
			name, _, _ := strings.Cut(c.Session, ":")
			sums[name] = sums[name].Add(c.Tokens)
		}
		return sums
	}
	rollout := usage.Tokens{Input: 1350, CacheRead: 150, Output: 300, Reasoning: 30}
	if diff := cmp.Diff(map[string]usage.Tokens{"0196f0a1-0000-7000-8000-000000000001": rollout}, run(scan.Options{})); diff != "" {
		t.Error(diff)
	}
	captures := map[string]usage.Tokens{
		"t-1": {Input: 900, CacheRead: 1600, Output: 90, Reasoning: 9}, "t-2": {Input: 20, CacheRead: 10, Output: 5},
		"": {Input: 10, Output: 3}, "0196f0a1-0000-7000-8000-000000000001": rollout,
	}
	if diff := cmp.Diff(captures, run(scan.Options{Extra: map[string][]string{"codex": {filepath.Join(home, "runs")}}})); diff != "" {
		t.Error(diff)
	}
	both := filepath.Join(home, ".codex") + "," + filepath.Join(home, "runs")
	env := func(name string) string { return map[string]string{"CODEX_HOME": both}[name] }
	if diff := cmp.Diff(captures, run(scan.Options{Getenv: env})); diff != "" {
		t.Error(diff)
	}
}
