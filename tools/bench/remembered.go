//go:build linux || darwin

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// remembering are runs of the client that keeps what it read: the first, which is not counted, reads everything.
func (o options) remembering(ctx context.Context, dir string, h home, env []string) []program {
	kept := make([]string, len(env))
	for i, v := range env {
		kept[i] = v
		if strings.HasPrefix(v, "TOKENFLEX_DIR=") {
			kept[i] = "TOKENFLEX_DIR=" + filepath.Join(dir, "remembered")
		}
	}
	daily := []string{o.client, "daily", "--json"}
	report := func(name string, before func() error, args ...string) program {
		return program{name: "tokenflexing " + name, args: args, env: kept, total: clientTotal, want: h.total(), before: before, remembers: true}
	}
	return []program{
		report("daily, nothing new", nil, daily...),
		report("sessions, nothing new", nil, o.client, "sessions", "--json"),
		report("daily, a line added (Claude Code)", func() error { return addLine(h.dir, ".claude/projects/*/*.jsonl", claudePrompt) }, daily...),
		report("daily, a line added (Codex)", func() error { return addLine(h.dir, ".codex/sessions/*/*/*/*.jsonl", codexPrompt) }, daily...),
		{name: "tokenflexing statusline", args: []string{o.client, "statusline"}, env: kept, remembers: true, first: func() error {
			return addRecent(ctx, h.dir, daily, kept)
		}},
		{name: "tokenflexing version", args: []string{o.client, "version"}, env: kept, remembers: true},
	}
}

// Lines without tokens.
const (
	claudePrompt = `{"type":"user","message":{"role":"user","content":"go on"}}` + "\n"
	codexPrompt  = `{"timestamp":"2026-06-30T18:00:00Z","type":"response_item","payload":{"type":"message","role":"user","content":[]}}` + "\n"
)

// addLine adds a line to one of the files, so that it changes and the total does not.
func addLine(home, pattern, line string) error {
	names, err := filepath.Glob(filepath.Join(home, pattern))
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return errors.New("no file is like " + pattern)
	}
	f, err := os.OpenFile(names[len(names)/2], os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(line); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}

// addRecent adds a session of this hour, and lets the client read it: a line for a prompt is about what is recent.
func addRecent(ctx context.Context, home string, daily, env []string) error {
	const responses = 100
	var text strings.Builder
	for n := range responses {
		at := time.Now().Add(-time.Duration(responses-n) * 30 * time.Second).UTC().Format(time.RFC3339)
		fmt.Fprintf(&text, `{"type":"assistant","timestamp":%q,"sessionId":"recent","cwd":"/src/web","requestId":"r%d","message":{"id":"recent%d",`+
			`"model":"claude-opus-4-5-20251101","usage":{"input_tokens":5,"output_tokens":900,"cache_read_input_tokens":90000}}}`+"\n", at, n, n)
	}
	name := filepath.Join(home, ".claude/projects/-src-web/recent.jsonl")
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(name, []byte(text.String()), 0o644); err != nil {
		return err
	}
	c := exec.CommandContext(ctx, daily[0], daily[1:]...)
	c.Env = env
	return c.Run()
}
