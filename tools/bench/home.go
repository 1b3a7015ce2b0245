//go:build linux || darwin

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"tokenflex.ing/internal/samplehome"
	"tokenflex.ing/internal/usage"
)

// size is how much a home holds.
type size struct {
	files int
	bytes int64
}

var sizes = map[string]size{
	"S": {100, 50 << 20},
	"M": {2_000, 1 << 30},
	"L": {10_000, 4 << 30},
}

const seed = 1

// newest is the last moment of every home, so that the same size is always the same bytes.
var newest = time.Date(2026, 6, 30, 18, 0, 0, 0, time.UTC)

// home is one that was written, and what it holds.
type home struct {
	dir, name string
	samplehome.Bulk
	came *int64 // tokens that were added since
}

// total is every token in it now.
func (h home) total() int64 {
	var sum usage.Tokens
	for _, t := range h.Tokens {
		sum = sum.Add(t)
	}
	return sum.Total() + *h.came
}

// generateArg makes this program write one home and say what it holds. That is another process, because the peak memory of
// a child begins with that of the parent it was made from.
const generateArg = "generate"

func newHome(ctx context.Context, dir, name string, s size) (home, error) {
	h := home{dir: dir, name: name, came: new(int64)}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(dir), &disk); err != nil {
		return h, err
	}
	if free := int64(disk.Bavail) * int64(disk.Bsize); free < s.bytes*3/2 {
		return h, fmt.Errorf("%s has %d MB free, size %s wants %d", filepath.Dir(dir), free>>20, name, s.bytes*3/2>>20)
	}
	self, err := os.Executable()
	if err != nil {
		return h, err
	}
	made := exec.CommandContext(ctx, self, generateArg, dir, name)
	made.Stderr = os.Stderr
	out, err := made.Output()
	if err != nil {
		return h, fmt.Errorf("write %s: %w", dir, err)
	}
	return h, json.Unmarshal(out, &h.Bulk)
}

func generate(dir, name string) error {
	s := sizes[name]
	made, err := samplehome.WriteBulk(dir, samplehome.BulkOptions{Seed: seed, Until: newest, Files: s.files, Bytes: s.bytes})
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(made)
}
