//go:build linux || darwin

package main

import (
	"os"
	"path/filepath"
	"strings"
)

// remembering are runs of the client that keeps what it read: the first, which is not counted, reads everything.
func (o options) remembering(dir string, h home, env []string) []program {
	kept := make([]string, len(env))
	for i, v := range env {
		kept[i] = v
		if strings.HasPrefix(v, "TOKENFLEX_DIR=") {
			kept[i] = "TOKENFLEX_DIR=" + filepath.Join(dir, "remembered")
		}
	}
	daily := []string{o.client, "daily", "--json"}
	return []program{
		{name: "tokenflexing sessions, nothing new", args: []string{o.client, "sessions", "--json"}, env: kept, total: clientTotal, want: h.total()},
		{name: "tokenflexing daily, a line added", args: daily, env: kept, total: clientTotal, want: h.total(), before: func() error { return addLine(h.dir) }},
		{name: "tokenflexing statusline", args: []string{o.client, "statusline"}, env: kept},
	}
}

// addLine adds a line without tokens to a transcript, so that the file changes and the total does not.
func addLine(home string) error {
	names, err := filepath.Glob(filepath.Join(home, ".claude/projects/*/*.jsonl"))
	if err != nil || len(names) == 0 {
		return err
	}
	f, err := os.OpenFile(names[len(names)/2], os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteString(`{"type":"user","message":{"role":"user","content":"go on"}}` + "\n")
	return err
}
