package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// process is a running server.
type process struct {
	cmd   *exec.Cmd
	site  string
	http  *http.Client
	lines lines
}

// patience is how long any request may take.
const patience = 30 * time.Second

// serve starts the real binary on the engine, with limits that no measurement meets.
func (e *engine) serve(ctx context.Context, env ...string) (*process, error) {
	c := exec.CommandContext(ctx, filepath.Join("bin", "tokenflexd"), "serve", "--listen", "127.0.0.1:0", "--db", e.app, "--limit-scale", "1000", "--review-scale", "1000")
	c.Env = append(os.Environ(), env...)
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var said strings.Builder
	errs, err := os.CreateTemp("", "benchserver-log-")
	if err != nil {
		return nil, err
	}
	defer os.Remove(errs.Name())
	c.Stderr = errs
	if err := c.Start(); err != nil {
		return nil, err
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	site, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !ok {
		c.Wait()
		b, _ := os.ReadFile(errs.Name())
		said.Write(b)
		return nil, errors.New("the server did not start: " + said.String())
	}
	return &process{cmd: c, site: site, http: &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 1000}}}, nil
}

func (p *process) stop() {
	p.http.CloseIdleConnections()
	p.lines.close()
	p.cmd.Process.Signal(os.Interrupt)
	p.cmd.Wait()
}

// memory is the most that the process ever held, in MiB.
func (p *process) memory() (float64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024, err
		}
	}
	return 0, errors.New("no VmHWM")
}

func (p *process) get(ctx context.Context, path string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.site+path, nil)
	if err != nil {
		return err
	}
	return p.do(r)
}

func (p *process) do(r *http.Request) error {
	answer, err := p.http.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s %.300s", r.Method, r.URL.Path, answer.Status, b)
	}
	return err
}

// spread is how long requests took.
type spread struct {
	took   []time.Duration
	failed int64
	over   time.Duration
	err    error // the first
}

func (s spread) at(share float64) time.Duration {
	if len(s.took) == 0 {
		return 0
	}
	return s.took[min(len(s.took)-1, int(float64(len(s.took))*share))]
}

// add is as if both had been one.
func (s *spread) add(more spread) {
	s.took = append(s.took, more.took...)
	slices.Sort(s.took)
	s.failed, s.over = s.failed+more.failed, s.over+more.over
	if s.err == nil {
		s.err = more.err
	}
}

// rate is how many were done a second.
func (s spread) rate() float64 { return float64(len(s.took)) / s.over.Seconds() }

// load runs ask with so many workers for a while. Each call gets the worker's number and a number of its own.
func load(ctx context.Context, workers int, d time.Duration, ask func(ctx context.Context, worker int, n int64) error) spread {
	var s spread
	var mu sync.Mutex
	var next atomic.Int64
	var all sync.WaitGroup
	start := time.Now()
	for w := range workers {
		all.Go(func() {
			var took []time.Duration
			for time.Since(start) < d && ctx.Err() == nil {
				before := time.Now()
				if err := ask(ctx, w, next.Add(1)); err != nil {
					mu.Lock()
					s.failed++
					if s.err == nil {
						s.err = err
					}
					mu.Unlock()
					continue
				}
				took = append(took, time.Since(before))
			}
			mu.Lock()
			s.took = append(s.took, took...)
			mu.Unlock()
		})
	}
	all.Wait()
	s.over = time.Since(start)
	slices.Sort(s.took)
	return s
}
