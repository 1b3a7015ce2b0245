package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"tokenflex.ing/internal/usage"
)

// sampleEnd keeps the sample home, and so the page, the same on every day.
var sampleEnd = time.Date(2026, 11, 20, 18, 0, 0, 0, time.UTC)

// amount is what a home adds up to, by kinds that every program has: peers do not tell cache writes apart.
type amount struct{ Input, CacheRead, CacheWrite, Output int64 }

func (a amount) add(t usage.Tokens) amount {
	return amount{a.Input + t.Input, a.CacheRead + t.CacheRead, a.CacheWrite + t.CacheWrite(), a.Output + t.Output}
}

func (a amount) String() string {
	if a == (amount{}) {
		return "nothing"
	}
	return fmt.Sprintf("%d/%d/%d/%d", a.Input, a.Output, a.CacheRead, a.CacheWrite)
}

// program is something that counts a home.
type program struct {
	name  string
	count func(home string) (amount, error)
}

var ours = program{"tokenflexing", func(home string) (amount, error) {
	var r struct {
		Totals struct {
			Input   int64 `json:"input_tokens"`
			Read    int64 `json:"cache_read_tokens"`
			Write5m int64 `json:"cache_write_5m_tokens"`
			Write1h int64 `json:"cache_write_1h_tokens"`
			Output  int64 `json:"output_tokens"`
		}
	}
	err := ask(home, &r, filepath.Join("bin", "tokenflexing"), "daily", "--json", "--timezone", "UTC", "--home", home)
	t := r.Totals
	return amount{t.Input, t.Read, t.Write5m + t.Write1h, t.Output}, err
}}

// installed are the peers that npm put into dir.
func installed(dir string) []program {
	var found []program
	for _, p := range []struct {
		name, path string
		count      func(binary, home string) (amount, error)
	}{
		{"ccusage 20.0.24", "@ccusage/ccusage-linux-x64/bin/ccusage", ccusage},
		{"tokscale 4.17.0", "@tokscale/cli-linux-x64-gnu/bin/tokscale", tokscale},
	} {
		binary := filepath.Join(dir, "node_modules", filepath.FromSlash(p.path))
		if _, err := os.Stat(binary); dir == "" || err != nil {
			fmt.Fprintf(os.Stderr, "compare: %s is not installed in %q; it is left out\n", p.name, dir)
			continue
		}
		found = append(found, program{p.name, func(home string) (amount, error) { return p.count(binary, home) }})
	}
	return found
}

func ccusage(binary, home string) (amount, error) {
	var r struct {
		Totals struct{ InputTokens, CacheReadTokens, CacheCreationTokens, OutputTokens, TotalTokens int64 }
	}
	if err := ask(home, &r, binary, "daily", "--json", "--offline"); err != nil {
		return amount{}, err
	}
	t := r.Totals
	a := amount{t.InputTokens, t.CacheReadTokens, t.CacheCreationTokens, t.OutputTokens}
	// Some of its sources leave reasoning out of every column and put it into the total.
	a.Output += max(0, t.TotalTokens-a.Input-a.CacheRead-a.CacheWrite-a.Output)
	return a, nil
}

func tokscale(binary, home string) (amount, error) {
	var r struct {
		Entries []struct{ Input, Output, CacheRead, CacheWrite, Reasoning int64 }
	}
	if err := ask(home, &r, binary, "models", "--json"); err != nil {
		return amount{}, err
	}
	var a amount
	for _, e := range r.Entries {
		a = amount{a.Input + e.Input, a.CacheRead + e.CacheRead, a.CacheWrite + e.CacheWrite, a.Output + e.Output + e.Reasoning}
	}
	return a, nil
}

// ask runs a program with that home and nothing else, and decodes its answer. An empty answer is nothing counted.
func ask(home string, into any, binary string, args ...string) error {
	c := exec.Command(binary, args...)
	c.Env = []string{"HOME=" + home, "LM_STUDIO_HOME=" + filepath.Join(home, ".lmstudio"), "TZ=UTC", "TOKSCALE_PRICING_CACHE_ONLY=1", "NO_COLOR=1",
		"TOKSCALE_CONFIG_DIR=" + filepath.Join(os.TempDir(), "compare-tokscale"), "TOKENFLEX_DIR=" + filepath.Join(home, ".tokenflexing")}
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || len(bytes.TrimSpace(out.Bytes())) == 0) {
		if exit != nil {
			return nil // it found nothing it could say anything about
		}
		return err
	}
	start := bytes.IndexByte(out.Bytes(), '{')
	if start < 0 {
		return nil
	}
	return json.Unmarshal(out.Bytes()[start:], into)
}
