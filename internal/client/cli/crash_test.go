package cli

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tokenflex.ing/internal/samplehome"
)

const (
	asClientEnv = "TOKENFLEX_TEST_CLIENT" // makes the test's binary be the client
	raceEnv     = "GORACE"                // options of the race detector, under which each process would wait a second at its end
)

// processes run the client in one home, each as a process of its own.
type processes struct {
	t    *testing.T
	home string
	dir  string
}

func newProcesses(t *testing.T) *processes {
	t.Helper()
	p := &processes{t, t.TempDir(), t.TempDir()}
	if _, err := samplehome.Write(p.home, samplehome.Options{Seed: 3, Until: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), Days: 20, Sessions: 3}); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *processes) command(args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	c := exec.CommandContext(p.t.Context(), self, args...)
	c.Env = []string{"HOME=" + p.home, "TZ=UTC", "TOKENFLEX_DIR=" + p.dir, asClientEnv + "=1", raceEnv + "=" + os.Getenv(raceEnv)}
	return c
}

var generated = regexp.MustCompile(`"generated_at":"[^"]*"`)

// report is what a report prints, but for the time.
func (p *processes) report(c *exec.Cmd) string {
	p.t.Helper()
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil || errs.Len() > 0 {
		p.t.Errorf("%v: %v %s", c.Args[1:], err, errs.String())
	}
	return generated.ReplaceAllString(out.String(), "")
}

func (p *processes) daily() string {
	return p.report(p.command("daily", "--by", "source,model", "--json"))
}

// growing is one of the home's files that match a pattern.
func (p *processes) growing(pattern string) string {
	all, err := filepath.Glob(filepath.Join(p.home, pattern))
	if err != nil || len(all) == 0 {
		p.t.Fatal(all, err)
	}
	return all[0]
}

// grow adds a response to a transcript of Claude Code, and every other time one to a rollout of Codex.
func (p *processes) grow(n int) {
	name, line := p.growing(".claude/projects/*/*.jsonl"), fmt.Sprintf(`{"type":"assistant","requestId":"r%d","timestamp":"2026-11-20T10:00:00Z","message":{"id":"m%d",`+
		`"model":"claude-sonnet-4-5","usage":{"input_tokens":1,"output_tokens":1}}}`+"\n", n, n)
	if n%2 == 1 {
		name, line = p.growing(".codex/sessions/*/*/*/*.jsonl"), fmt.Sprintf(`{"timestamp":"2026-11-20T10:00:00Z","type":"event_msg","payload":{"type":"token_count","info":`+
			`{"total_token_usage":{"input_tokens":%d,"output_tokens":9,"total_tokens":%d},"last_token_usage":{"input_tokens":2,"output_tokens":1,"total_tokens":3}}}}`+"\n", 1_000_000_000+n, 1_000_000_009+n)
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		p.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(line); err != nil {
		p.t.Fatal(err)
	}
}

// cold is what is read without a ledger.
func (p *processes) cold() string {
	dir := p.dir
	defer func() { p.dir = dir }()
	p.dir = p.t.TempDir()
	return p.daily()
}

// A client that is killed at any moment leaves a ledger that says what is there. TOKENFLEX_TEST_KILLS asks for more kills.
func TestKilledClientsLeaveASoundLedger(t *testing.T) {
	p := newProcesses(t)
	kills := 25
	if n, err := strconv.Atoi(os.Getenv("TOKENFLEX_TEST_KILLS")); err == nil {
		kills = n
	}
	start := time.Now()
	p.daily()
	whole := time.Since(start)
	if err := os.RemoveAll(p.dir); err != nil {
		t.Fatal(err)
	}
	for n := range kills {
		p.grow(n)
		if n%5 == 4 { // everything anew
			if err := os.RemoveAll(filepath.Join(p.dir, "ledger")); err != nil {
				t.Fatal(err)
			}
		}
		c := p.command("daily", "--json")
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(whole*time.Duration(n%20+1)/16, func() { _ = c.Process.Kill() })
		_ = c.Wait()
		timer.Stop()
		if n%5 == 0 {
			if cold, warm := p.cold(), p.daily(); cold != warm {
				t.Fatalf("after %d kills: cold\n%s\nwarm\n%s", n+1, cold, warm)
			}
		}
	}
	if cold, warm := p.cold(), p.daily(); cold != warm {
		t.Fatalf("cold\n%s\nwarm\n%s", cold, warm)
	}
}

// Clients that read at once say the same, whoever of them writes.
func TestClientsThatReadAtOnceAgree(t *testing.T) {
	p := newProcesses(t)
	for round := range 4 {
		p.grow(round)
		said := make([]string, 4)
		var all sync.WaitGroup
		for i := range said {
			c := p.command("daily", "--by", "source,model", "--json")
			all.Go(func() { said[i] = p.report(c) })
		}
		all.Wait()
		cold := p.cold()
		for _, one := range append(said, p.daily()) {
			if one != cold {
				t.Fatalf("round %d: cold\n%s\nand\n%s", round, cold, one)
			}
		}
	}
}

// With no room on the disk the answer is there, a warning too, and what was kept before is kept.
func TestAFullDiskCostsNothingButTime(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip(err)
	}
	p := newProcesses(t)
	p.daily()
	before := strings.Join(p.ledger(), "")
	for n := range 20 {
		p.grow(n)
	}
	c := p.command()
	c = exec.CommandContext(t.Context(), "sh", "-c", `trap "" XFSZ; ulimit -f 1; "$0" daily --by source,model --json 2>"$1"`, c.Path, filepath.Join(t.TempDir(), "warnings"))
	c.Env = p.command().Env
	full := p.report(c)
	warnings, err := os.ReadFile(c.Args[len(c.Args)-1])
	if err != nil || !strings.Contains(string(warnings), "could not be kept") {
		t.Errorf("no warning: %s %v", warnings, err)
	}
	if after := strings.Join(p.ledger(), ""); after != before {
		t.Error("what was kept has changed")
	}
	tail := func(s string) string { return s[:strings.Index(s, `"warnings"`)] }
	if cold := p.cold(); tail(cold) != tail(full) {
		t.Errorf("cold\n%s\nwith a full disk\n%s", cold, full)
	}
}

// ledger is what lies in it.
func (p *processes) ledger() (all []string) {
	names, err := filepath.Glob(filepath.Join(p.dir, "ledger/*/history-*"))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			p.t.Fatal(err)
		}
		all = append(all, name, string(text))
	}
	return all
}

// The ledger holds no word of what was written or answered.
func TestNoContentIsInTheLedger(t *testing.T) {
	p := newProcesses(t)
	p.daily()
	for _, text := range p.ledger() {
		// Folders of projects and files have the word in their names in this home, which stay on the machine.
		for _, name := range []string{"-home-CANARY-", "/home/CANARY/"} {
			text = strings.ReplaceAll(text, name, "")
		}
		if i := strings.Index(text, "CANARY"); i >= 0 {
			t.Errorf("%q", text[max(0, i-80):min(len(text), i+80)])
		}
	}
	if len(p.ledger()) == 0 {
		t.Error("there is none")
	}
}
