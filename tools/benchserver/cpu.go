package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc/<pid>/stat on Linux.
const tick = 10 * time.Millisecond

// cpu is the processor time that a process has used and, with its children, each process whose parent it is, also those that have ended: a
// connection's process does so when the server does. What cannot be read counts as none.
func cpu(pid int, children bool) time.Duration {
	var sum time.Duration
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range all {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		number, rest, _ := strings.Cut(string(b), " (")
		fields := strings.Fields(rest[strings.LastIndex(rest, ")")+1:]) // state, parent, …
		if len(fields) < 13 || number != strconv.Itoa(pid) && (!children || fields[1] != strconv.Itoa(pid)) {
			continue
		}
		of := fields[11:13] // in user mode and in the kernel
		if children {
			of = fields[11:min(15, len(fields))] // and of those that ended
		}
		for _, f := range of {
			n, _ := strconv.ParseInt(f, 10, 64)
			sum += time.Duration(n) * tick
		}
	}
	return sum
}

// used is the processor time of everything that works on uploads: the server, and the database beside it. Without a server it is what
// this program uses, since SQLite is then inside it.
func (e *engine) used(p *process) time.Duration {
	var sum time.Duration
	switch {
	case p != nil:
		sum = cpu(p.cmd.Process.Pid, true)
	case e.name == "sqlite":
		sum = cpu(os.Getpid(), true)
	}
	if e.postmaster != 0 {
		sum += cpu(e.postmaster, true)
	}
	return sum
}

// each is what one of n things cost.
func each(d time.Duration, n int) time.Duration {
	if n == 0 {
		return 0
	}
	return d / time.Duration(n)
}

// readPostmaster finds the database's first process.
func readPostmaster(data string) (int, error) {
	b, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return 0, fmt.Errorf("postmaster.pid: %w", err)
	}
	return pid, nil
}
