package source

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// However long a line is, it is read or said to be broken.
func TestLongLinesAreReadOrReported(t *testing.T) {
	long := strings.Repeat(`the \"usage\":{\"input_tokens\":9} \\`, 100)
	usage := func(key string) string {
		return fmt.Sprintf(`{"type":"assistant","message":{"id":"m","model":"a","content":"%s","usage":{"%s":3}}}`, long, key)
	}
	tests := []struct {
		name, line      string
		entries, faults int
	}{
		{"a response", usage("input_tokens"), 1, 0},
		{"one with an escaped name", usage(`input\u005ftokens`), 1, 0},
		{"a prompt", fmt.Sprintf(`{"type":"user","message":{"content":"%s"}}`, long), 0, 0},
		{"a response that breaks off in its text", usage("input_tokens")[:2000], 0, 1},
		{"one that breaks off in its counters", usage("input_tokens")[:len(usage("input_tokens"))-4], 0, 1},
		{"one with bytes that were never written", usage("input_tokens")[:2000] + strings.Repeat("\x00", 500), 0, 1},
		{"one behind the beginning of another", usage("input_tokens")[:2000] + usage("input_tokens"), 0, 1},
		{"a prompt behind the beginning of a response", usage("input_tokens")[:2000] + fmt.Sprintf(`{"type":"user","message":{"content":"%s"}}`, long), 0, 1},
		{"no object", strings.Repeat("no object ", 300), 0, 1},
	}
	for _, tt := range tests {
		p, m := read(claudeCode, "projects/p/s.jsonl", []byte(tt.line+"\n"))
		if len(p.Entries) != tt.entries || len(m.faults) != tt.faults {
			t.Errorf("%s: %d entries, faults %v", tt.name, len(p.Entries), m.faults)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	for s, name := range map[*Source]string{&claudeCode: "projects/p/s.jsonl", &codex: "rollout-x.jsonl", &geminiCLI: "tmp/p/chats/x.jsonl"} {
		var text []byte
		for _, home := range fixtures(b, s.ID) {
			for name, t := range home {
				if strings.HasSuffix(name, ".jsonl") {
					text = append(append(text, bytes.TrimSpace(t)...), '\n')
				}
			}
		}
		b.Run(s.ID, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				read(*s, name, text)
			}
		})
	}
}
