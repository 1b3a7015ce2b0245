package scan

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tokenflex.ing/internal/client/source"
)

// Two sessions can say the same of the same moments and have nothing to do with each other: the one that is gone is not the new one.
func TestADeletedFileIsNotTakenForAnother(t *testing.T) {
	codex := growing["codex"]
	for _, tt := range []struct{ name, first, second, text, other string }{
		{"claude-code", ".claude/projects/p/a.jsonl", ".claude/projects/p/b.jsonl", fmt.Sprintf(transcriptLine, 1, 1), fmt.Sprintf(transcriptLine, 2, 2)},
		{"codex", codex.name, ".codex/sessions/2026/05/01/rollout-2026-05-01T10-00-00-0196f0a1-0000-7000-8000-000000000002.jsonl",
			codex.head + codex.line(0), codex.head + codex.line(0)},
		{"gemini-cli", growing["gemini-cli"].name, ".gemini/tmp/p/chats/session-2.jsonl", growing["gemini-cli"].head + growing["gemini-cli"].line(1),
			`{"sessionId":"other","startTime":"2026-05-01T10:00:00Z"}` + "\n" + growing["gemini-cli"].line(2)},
	} {
		dir := home(t, map[string]string{tt.first: tt.text})
		o := Options{Home: dir, GOOS: "linux", Sources: source.All(), Now: now, Zone: time.UTC, Ledger: t.TempDir()}
		if n := mustRun(t, o).Records; n != 1 {
			t.Fatal(tt.name, n)
		}
		if err := os.Remove(filepath.Join(dir, tt.first)); err != nil {
			t.Fatal(err)
		}
		lay(t, dir, tt.second, tt.other)
		if n := mustRun(t, o).Records; n != 2 {
			t.Errorf("%s: %d responses, of which one was deleted and one is new", tt.name, n)
		}
	}
}
