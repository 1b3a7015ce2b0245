//go:build linux || darwin

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// remembering are runs of the client that keeps what it read: the first, which is not counted, reads everything.
func (o options) remembering(ctx context.Context, dir string, h home, env []string) []program {
	kept := with(env, "TOKENFLEX_DIR="+filepath.Join(dir, "remembered"))
	long := &longSession{dir: filepath.Join(dir, "long")}
	beside := append(with(env, "TOKENFLEX_DIR="+filepath.Join(dir, "remembered-long")),
		"CLAUDE_CONFIG_DIRS="+filepath.Join(h.dir, ".claude")+string(filepath.ListSeparator)+long.dir)
	daily := []string{o.client, "daily", "--json"}
	report := func(name string, before func() error, args ...string) program {
		return program{name: "tokenflexing " + name, args: args, env: kept, total: clientTotal, want: h.total, before: before, remembers: true}
	}
	besideLong := func(name string, first, before func() error) program {
		p := report(name, before, daily...)
		p.env, p.first, p.want = beside, first, func() int64 { return h.total() + long.tokens }
		return p
	}
	responses := 0
	return []program{
		report("daily, nothing new", nil, daily...),
		report("sessions, nothing new", nil, o.client, "sessions", "--json"),
		report("daily, a response added (Claude Code)", func() error {
			responses++
			*h.came += tokensEach
			return addLine(h.dir, ".claude/projects/*/*.jsonl", response("added", responses, newest))
		}, daily...),
		report("daily, a line added (Codex)", func() error { return addLine(h.dir, ".codex/sessions/*/*/*/*.jsonl", codexPrompt) }, daily...),
		besideLong(fmt.Sprintf("daily, nothing new, with a session of %d responses", longResponses), long.write, func() error { return quietly(ctx, daily, beside) }),
		besideLong("daily, a response added to that session", nil, long.add),
		{name: "tokenflexing statusline", args: []string{o.client, "statusline"}, env: kept, remembers: true, first: func() error {
			return addRecent(ctx, h, daily, kept)
		}},
		{name: "tokenflexing version", args: []string{o.client, "version"}, env: kept, remembers: true},
	}
}

// with is the environment with one variable changed.
func with(env []string, setting string) []string {
	name, _, _ := strings.Cut(setting, "=")
	all := slices.Clone(env)
	for i, v := range all {
		if strings.HasPrefix(v, name+"=") {
			all[i] = setting
		}
	}
	return all
}

// codexPrompt is a line without tokens.
const codexPrompt = `{"timestamp":"2026-06-30T18:00:00Z","type":"response_item","payload":{"type":"message","role":"user","content":[]}}` + "\n"

const tokensEach = 5 + 900 + 90_000 // of a response

// response is a line of Claude Code's with a response of its own.
func response(session string, n int, at time.Time) string {
	return fmt.Sprintf(`{"type":"assistant","timestamp":%q,"sessionId":%q,"cwd":"/src/web","requestId":"req_%s%d","message":{"id":"msg_%s%d",`+
		`"model":"claude-opus-4-5-20251101","usage":{"input_tokens":5,"output_tokens":900,"cache_read_input_tokens":90000}}}`+"\n",
		at.UTC().Format(time.RFC3339), session, session, n, session, n)
}

// longSession is one that lies in a folder of Claude Code's own beside the home: other programs do not read it.
type longSession struct {
	dir    string
	n      int
	tokens int64
}

const longResponses = 28_000

// write makes it line by line: the peak memory of a child begins with this process's.
func (l *longSession) write() error {
	folder := filepath.Join(l.dir, "projects/-src-web")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(folder, "long.jsonl"))
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	for range longResponses {
		w.WriteString(l.next())
	}
	return errors.Join(w.Flush(), f.Close())
}

func (l *longSession) add() error { return addLine(l.dir, "projects/*/*.jsonl", l.next()) }

func (l *longSession) next() string {
	l.n++
	l.tokens += tokensEach
	return response("long", l.n, newest.Add(time.Duration(l.n-longResponses)*time.Minute))
}

// addLine adds a line to one of the files.
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
func addRecent(ctx context.Context, h home, daily, env []string) error {
	const responses = 100
	var text strings.Builder
	for n := range responses {
		text.WriteString(response("recent", n, time.Now().Add(-time.Duration(responses-n)*30*time.Second)))
		*h.came += tokensEach
	}
	name := filepath.Join(h.dir, ".claude/projects/-src-web/recent.jsonl")
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(name, []byte(text.String()), 0o644); err != nil {
		return err
	}
	return quietly(ctx, daily, env)
}

// quietly runs the client once, uncounted.
func quietly(ctx context.Context, args, env []string) error {
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.Env = env
	return c.Run()
}
