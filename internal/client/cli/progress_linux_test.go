package cli

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tokenflex.ing/internal/client/config"
)

// terminals opens both ends of one that is so many columns wide.
func terminals(t *testing.T, columns uint16) (near, far *os.File) {
	t.Helper()
	near, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { near.Close() })
	n, err := unix.IoctlGetInt(int(near.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(near.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(int(near.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns})
	}
	if err == nil {
		far, err = os.OpenFile(fmt.Sprint("/dev/pts/", n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { far.Close() })
	return near, far
}

// The line appears though nothing was read since, is as wide as the terminal that it is on, which standard output need not be, and is
// gone in the end.
func TestProgressShowsOnTheTerminalOfStandardError(t *testing.T) {
	near, far := terminals(t, 100)
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	now := start
	app := &App{Err: far, GOOS: "linux", Getenv: func(name string) string { return map[string]string{"COLUMNS": "40", "LANG": "C.UTF-8"}[name] },
		Now: func() time.Time { return now }}
	p := &progress{app: app, style: app.plainStyle(settings{Config: config.Config{}}), start: start, ended: make(chan struct{})}
	p.note(1<<30, 4<<30, 7)
	if p.show() {
		t.Error("it is shown at once")
	}
	now = start.Add(2 * time.Second)
	p.done.Go(p.run)
	r := bufio.NewReader(near)
	line, err := r.ReadString('t') // the end of "left"
	p.stop()
	gone, _ := r.ReadString('K')
	if err != nil || !strings.Contains(line, "1.1 of 4.3 GB, 7 files, 537 MB/s  6 s lef") || !strings.HasSuffix(gone, "\r\x1b[K") {
		t.Errorf("%q and %q, %v", line, gone, err)
	}
}
