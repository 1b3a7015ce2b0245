package source

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func FuzzClaudeCode(f *testing.F) { fuzz(f, claudeCode, "projects/p/s.jsonl") }
func FuzzCodex(f *testing.F) {
	f.Add([]byte(`{"type":"thread.started","thread_id":"t"}` + "\n" + `{"type":"turn.completed","usage":{"input_tokens":1000,"cached_input_tokens":600,"output_tokens":50}}` + "\n"))
	f.Add([]byte(`{"result":{"type":"turn.completed","model":"m","usage":{"prompt_tokens":30,"cached_tokens":10,"completion_tokens":5}}}`))
	fuzz(f, codex, "sessions/2026/05/01/rollout-x.jsonl")
}
func FuzzGeminiCLI(f *testing.F) { fuzz(f, geminiCLI, "tmp/p/chats/x.jsonl", "tmp/p/chats/x.json") }

// fuzz reads anything as any of the files: what is kept is sound, and a copy of the file adds nothing.
func fuzz(f *testing.F, s Source, names ...string) {
	for _, home := range fixtures(f, s.ID) {
		for _, text := range home {
			f.Add(text)
		}
	}
	for _, text := range hostile(f) {
		if len(text) < 10_000 {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, name := range names {
			p, _ := read(s, name, text)
			once := settle(s, []Part{p})
			sound(t, s.ID, once)
			copied, _ := read(s, name, append([]byte("\ufeff\r\n"), bytes.TrimPrefix(text, []byte("\ufeff"))...))
			copied.Size = p.Size
			both := settle(s, []Part{p, copied})
			for i := len(once) - 1; i >= 0; i-- { // without an ID nothing tells a copy
				if once[i].ID == "" {
					return
				}
			}
			if name != "tmp/p/chats/x.json" {
				if diff := cmp.Diff(once, both); diff != "" {
					t.Error(diff)
				}
			}
		}
	})
}

// FuzzEverySource reads anything as any file of any source: what is kept is sound, and neither a copy of the file nor the
// order of the two changes what it adds up to, if all of it can be told apart.
func FuzzEverySource(f *testing.F) {
	sources := map[string]Source{}
	for _, s := range readable() {
		sources[s.ID] = s
		for _, home := range fixtures(f, s.ID) {
			for name, text := range home {
				f.Add(s.ID, name, text)
			}
		}
		for _, name := range names(s) {
			f.Add(s.ID, name, []byte("{}"))
		}
	}
	f.Fuzz(func(t *testing.T, id, name string, text []byte) {
		s, ok := sources[id]
		if !ok {
			return
		}
		p, _ := read(s, name, text)
		once := settle(s, []Part{p})
		sound(t, s.ID, once)
		if slices.ContainsFunc(once, func(e Entry) bool { return e.ID == "" }) {
			return
		}
		copied, _ := read(s, name, text)
		if diff := cmp.Diff(once, settle(s, []Part{copied, p})); diff != "" {
			t.Error(diff)
		}
	})
}
