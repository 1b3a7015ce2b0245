package source

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/jsonwalk"
)

// lineReader reads line after line of a file, as its sieve lets them through.
type lineReader struct {
	sieve jsonwalk.Sieve
	start func() (line func(File, []byte), end func() Part)
}

var lineReaders = map[string]lineReader{
	"claude-code": {claudeSieve, func() (func(File, []byte), func() Part) {
		r := newClaudeReader("projects/p/s.jsonl")
		return r.line, func() Part { return r.part }
	}},
	"codex": {codexSieve, func() (func(File, []byte), func() Part) {
		r := newCodexReader()
		return r.line, func() Part { return r.end(&memory{path: "rollout-x.jsonl"}) }
	}},
}

// walked reads the lines of a text, all or only those that the sieve lets through.
func (l lineReader) walked(text []byte, sieved bool) Part {
	m := &memory{text: text}
	line, end := l.start()
	for b := range m.Lines() {
		if !sieved || l.sieve.Passes(b) {
			line(m, b)
		}
	}
	return end()
}

// Nothing that the parsers count is held back, however it is written.
func FuzzSift(f *testing.F) {
	for id := range lineReaders {
		for _, home := range fixtures(f, id) {
			for _, text := range home {
				f.Add(text)
			}
		}
	}
	for _, text := range hostile(f) {
		if len(text) < 10_000 {
			f.Add(text)
		}
	}
	f.Add([]byte(`{"type":"assistant","message":{"id":"m","model":"a","us\u0061ge":{"input\u005ftokens":3,"output_t\u006fkens":4}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for id, l := range lineReaders {
			if diff := cmp.Diff(l.walked(text, false), l.walked(text, true)); diff != "" {
				t.Errorf("%s: %s", id, diff)
			}
		}
	})
}

func TestLongLinesAreReadOrReported(t *testing.T) {
	long := strings.Repeat(`the \"usage\":{\"input_tokens\":9} `, 100)
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
		{"no object", strings.Repeat("x", 3000), 0, 1},
		{"a short one that is not JSON", `{not JSON}`, 0, 1},
	}
	for _, tt := range tests {
		p, m := read(claudeCode, "projects/p/s.jsonl", []byte(tt.line+"\n"))
		if len(p.Entries) != tt.entries || len(m.faults) != tt.faults {
			t.Errorf("%s: %d entries, faults %v", tt.name, len(p.Entries), m.faults)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	for id, l := range lineReaders {
		var text []byte
		for _, home := range fixtures(b, id) {
			for name, t := range home {
				if strings.HasSuffix(name, ".jsonl") {
					text = append(append(text, bytes.TrimSpace(t)...), '\n')
				}
			}
		}
		for name, sieved := range map[string]bool{"all": false, "sieved": true} {
			b.Run(id+"/"+name, func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				b.ReportAllocs()
				for b.Loop() {
					l.walked(text, sieved)
				}
			})
		}
	}
}
