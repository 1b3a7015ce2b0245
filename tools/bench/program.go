//go:build linux || darwin

package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// program is one that reads a home.
type program struct {
	name   string
	args   []string
	env    []string                        // all of it
	fresh  string                          // folder that is emptied before each run, so that nothing is remembered
	total  func(out []byte) (int64, error) // nil: it counts something else
	want   func() int64                    // what total should say now
	first  func() error                    // what happens before the first run; nil: nothing
	before func() error                    // what happens before each run; nil: nothing

	remembers bool // it does not read the home again
}

// programs returns those that are installed, and the names of those that are not.
func (o options) programs(ctx context.Context, dir string, h home) (installed []program, missing []string) {
	arch := map[string]string{"amd64": "x64"}[runtime.GOARCH]
	if arch == "" {
		arch = runtime.GOARCH
	}
	kept := filepath.Join(dir, "kept")
	env := []string{"HOME=" + h.dir, "TZ=UTC", "PATH=" + os.Getenv("PATH"), "TOKENFLEX_DIR=" + kept,
		"TOKSCALE_CONFIG_DIR=" + kept, "TOKSCALE_PRICING_CACHE_ONLY=1"}
	libc := map[string]string{"linux": "-gnu"}[runtime.GOOS]
	all := []program{
		{name: "tokenflexing daily", args: []string{o.client, "daily", "--json"}, total: clientTotal, want: h.total},
		{name: "ccusage daily", args: []string{o.peer("@ccusage/ccusage-"+runtime.GOOS+"-"+arch, "ccusage"), "daily", "--json", "--offline"},
			total: ccusageTotal, want: h.total},
		{name: "tokscale graph", args: []string{o.peer("@tokscale/cli-"+runtime.GOOS+"-"+arch+libc, "tokscale"), "graph", "--home", h.dir, "--no-spinner"},
			total: tokscaleTotal, want: h.total},
		{name: `rg -c '"usage"'`, args: []string{"rg", "-uuu", "-c", `"usage"`, h.dir}},
	}
	for _, p := range all {
		path, err := exec.LookPath(p.args[0])
		if err != nil {
			missing = append(missing, p.name)
			continue
		}
		p.args[0], p.env, p.fresh = path, env, kept
		installed = append(installed, p)
	}
	return append(installed, o.remembering(ctx, dir, h, env)...), missing
}

// peer is a native program of an npm package, or the one of that name on the path.
func (o options) peer(pkg, name string) string {
	if path := filepath.Join(o.peers, pkg, "bin", name); o.peers != "" {
		return path
	}
	return name
}

func clientTotal(out []byte) (int64, error) {
	var said struct {
		Totals struct {
			Tokens int64 `json:"total_tokens"`
		}
	}
	err := json.Unmarshal(out, &said)
	return said.Totals.Tokens, err
}

func ccusageTotal(out []byte) (int64, error) {
	var said struct {
		Totals struct{ TotalTokens int64 }
	}
	err := json.Unmarshal(out, &said)
	return said.Totals.TotalTokens, err
}

func tokscaleTotal(out []byte) (int64, error) {
	var said struct {
		Summary struct{ TotalTokens int64 }
	}
	err := json.Unmarshal(out, &said)
	return said.Summary.TotalTokens, err
}
