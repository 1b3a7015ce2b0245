package source_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tokenflex.ing/internal/client/scan"
	"tokenflex.ing/internal/client/source"
)

// On every system each tool is looked for where it keeps its files there.
func TestToolsAreFoundWhereEachSystemHasThem(t *testing.T) {
	const (
		line = `{"type":"assistant","requestId":"r","timestamp":"2026-05-01T10:00:00Z","message":{"id":"m","model":"claude-sonnet-4-5","usage":{"input_tokens":7,"output_tokens":3}}}` + "\n"
		task = `[{"ts":1777629600001,"type":"say","say":"api_req_started","text":"{\"tokensIn\":7,\"tokensOut\":3}"}]`
		doc  = `{"id":"msg_1","sessionID":"s","role":"assistant","modelID":"gpt-5.2","providerID":"openai","time":{"created":1777629600000},"tokens":{"input":7,"output":3}}`
		chat = `{"sessionId":"S","requests":[{"requestId":"q","timestamp":1777629600000,"modelId":"gpt-5","completionTokens":3,"result":{"metadata":{"promptTokens":7}}}]}`
		rows = "Date,Model,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens,Total Tokens,Cost\n2026-05-01,gpt-4o,0,7,0,3,10,$0.1\n"
		turn = `{"timestamp":"2026-05-01T10:00:09Z","type":"event_msg","payload":{"type":"token_count","info":{"last_token_usage":{"input_tokens":7,"output_tokens":3}}}}` + "\n"
		said = `{"id":"m1","timestamp":"2026-05-01T10:01:00Z","type":"gemini","model":"gemini-2.5-pro","tokens":{"input":7,"output":3}}` + "\n"
	)
	const mac, win = "Library/Application Support/", "AppData/Roaming/"
	tests := []struct{ goos, id, name, text string }{
		{"darwin", "claude-code", ".claude/projects/p/s.jsonl", line},
		{"darwin", "claude-code", mac + "Claude/local-agent-mode-sessions/a/w/local_1/.claude/projects/p/s.jsonl", line},
		{"windows", "claude-code", ".claude/projects/p/s.jsonl", line},
		{"windows", "claude-code", win + "Claude/local-agent-mode-sessions/a/w/local_1/.claude/projects/p/s.jsonl", line},
		{"windows", "claude-code", "AppData/Local/Packages/Claude_x1/LocalCache/Roaming/Claude/local-agent-mode-sessions/a/w/l/.claude/projects/p/s.jsonl", line},
		{"windows", "claude-code", "AppData/Local/Packages/A.Claude_x1/LocalCache/Roaming/Claude/local-agent-mode-sessions/a/w/l/.claude/projects/p/s.jsonl", line},
		{"darwin", "codex", ".codex/sessions/2026/05/01/rollout-x.jsonl", turn},
		{"windows", "codex", ".codex/archived_sessions/rollout-x.jsonl", turn},
		{"darwin", "gemini-cli", ".gemini/tmp/p/chats/s.jsonl", said},
		{"windows", "gemini-cli", ".gemini/tmp/p/chats/s.jsonl", said},
		{"darwin", "opencode", ".local/share/opencode/storage/message/s/msg_1.json", doc},
		{"windows", "opencode", ".local/share/opencode/storage/message/s/msg_1.json", doc},
		{"windows", "opencode", "AppData/Local/opencode/storage/message/s/msg_1.json", doc},
		{"windows", "kilo-code", ".local/share/kilo/storage/message/s/msg_1.json", doc},
		{"darwin", "cline", mac + "VSCodium/User/globalStorage/saoudrizwan.claude-dev/tasks/t/ui_messages.json", task},
		{"windows", "cline", win + "Code - Insiders/User/globalStorage/saoudrizwan.claude-dev/tasks/t/ui_messages.json", task},
		{"darwin", "roo-code", mac + "Cursor/User/globalStorage/rooveterinaryinc.roo-cline/tasks/t/ui_messages.json", task},
		{"windows", "roo-code", win + "Windsurf/User/globalStorage/rooveterinaryinc.roo-cline/tasks/t/ui_messages.json", task},
		{"darwin", "kilo-code", mac + "Trae/User/globalStorage/kilocode.kilo-code/tasks/t/ui_messages.json", task},
		{"windows", "zoo-code", win + "Positron/User/globalStorage/zoocodeorganization.zoo-code/tasks/t/ui_messages.json", task},
		{"darwin", "copilot", mac + "Antigravity/User/workspaceStorage/h/chatSessions/S.json", chat},
		{"windows", "copilot", win + "Code/User/globalStorage/emptyWindowChatSessions/S.json", chat},
		{"darwin", "cursor", mac + "Cursor/User/usage.csv", rows},
		{"windows", "cursor", win + "Cursor/User/usage.csv", rows},
	}
	for _, tt := range tests {
		home := t.TempDir()
		name := filepath.Join(home, filepath.FromSlash(tt.name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(tt.text), 0o644); err != nil {
			t.Fatal(err)
		}
		r, err := scan.Run(context.Background(), scan.Options{Home: home, GOOS: tt.goos, Zone: time.UTC, Sources: source.All()})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Cells) != 1 || r.Cells[0].Source != tt.id || r.Cells[0].Tokens.Input != 7 || r.Cells[0].Tokens.Output != 3 {
			t.Errorf("%s on %s: %v", tt.name, tt.goos, r.Cells)
		}
		for _, s := range r.Sources {
			if s.Status == scan.Measured != (s.ID == tt.id) {
				t.Errorf("%s on %s: %s is %s", tt.name, tt.goos, s.ID, s.Status)
			}
		}
	}
}
