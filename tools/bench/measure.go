//go:build linux || darwin

package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// cost is what one run took.
type cost struct {
	wall, cpu time.Duration
	memory    int64 // peak, bytes
}

// result is what a program did.
type result struct {
	program
	costs []cost
	said  int64 // total tokens, of the first run that said another total than it should, or of the last
	want  int64 // in that run
}

// measureAll runs the programs in turn, so that what else the machine does hits all of them alike. The first run of each is
// not counted: it fills the page cache.
func measureAll(ctx context.Context, programs []program, runs int) ([]result, error) {
	results := make([]result, len(programs))
	for n := range runs + 1 {
		for i, p := range programs {
			results[i].program = p
			if n == 0 && p.first != nil {
				if err := p.first(); err != nil {
					return nil, fmt.Errorf("%s: %w", p.name, err)
				}
			}
			c, out, err := measure(ctx, p)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.name, err)
			}
			if n > 0 {
				results[i].costs = append(results[i].costs, c)
			}
			if p.total == nil || results[i].said != results[i].want {
				continue
			}
			results[i].want = p.want()
			if results[i].said, err = p.total(out); err != nil {
				return nil, fmt.Errorf("%s: %w", p.name, err)
			}
		}
	}
	return results, nil
}

func measure(ctx context.Context, p program) (cost, []byte, error) {
	if err := os.RemoveAll(p.fresh); err != nil {
		return cost{}, nil, err
	}
	if p.before != nil {
		if err := p.before(); err != nil {
			return cost{}, nil, err
		}
	}
	var out bytes.Buffer
	c := exec.CommandContext(ctx, p.args[0], p.args[1:]...)
	c.Env, c.Stdout = p.env, &out
	start := time.Now()
	err := c.Run()
	wall := time.Since(start)
	if err != nil {
		return cost{}, nil, err
	}
	used := c.ProcessState.SysUsage().(*syscall.Rusage)
	memory := int64(used.Maxrss)
	if runtime.GOOS == "linux" {
		memory <<= 10 // Linux counts in KiB
	}
	return cost{wall, c.ProcessState.UserTime() + c.ProcessState.SystemTime(), memory}, out.Bytes(), nil
}

// spread returns the middle and the least of what f says of the runs.
func spread[T cmp.Ordered](costs []cost, f func(cost) T) (middle, least T) {
	values := make([]T, len(costs))
	for i, c := range costs {
		values[i] = f(c)
	}
	slices.Sort(values)
	return values[len(values)/2], values[0]
}
