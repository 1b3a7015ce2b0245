//go:build linux || darwin

// Command bench measures the client beside other programs that read the same files, in one run: it writes homes of known
// totals, lets every program read each of them in turn, and prints time, memory, speed and whether the total is right.
//
//	go run ./tools/bench [-sizes S,M,L] [-peers node_modules] [-write docs/performance.md]
//
// Programs that are not installed are left out, which is said. Nothing is downloaded.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	client, peers, scratch, page string
	runs                         int
}

func run(ctx context.Context, args []string) error {
	if len(args) == 3 && args[0] == generateArg {
		return generate(args[1], args[2])
	}
	var o options
	f := flag.NewFlagSet("bench", flag.ExitOnError)
	names := f.String("sizes", "M", "sizes of home: S, M, L")
	f.StringVar(&o.client, "client", "bin/tokenflexing", "the client's binary")
	f.StringVar(&o.peers, "peers", "", "a node_modules folder with the native builds of other programs")
	f.StringVar(&o.scratch, "scratch", os.TempDir(), "a folder for the homes, which are removed afterwards")
	f.StringVar(&o.page, "write", "", "the page whose tables are replaced")
	f.IntVar(&o.runs, "runs", 5, "counted runs of each program")
	if err := f.Parse(args); err != nil {
		return err
	}
	o.runs = max(1, o.runs)
	var err error
	if o.client, err = filepath.Abs(o.client); err != nil {
		return err
	}
	for _, name := range strings.Split(*names, ",") {
		if err := o.bench(ctx, strings.ToUpper(strings.TrimSpace(name))); err != nil {
			return err
		}
	}
	return nil
}

// bench measures one size.
func (o options) bench(ctx context.Context, name string) error {
	size, ok := sizes[name]
	if !ok {
		return fmt.Errorf("size %q: write S, M or L", name)
	}
	dir, err := os.MkdirTemp(o.scratch, "tokenflexing-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	home, err := newHome(ctx, filepath.Join(dir, "home"), name, size)
	if err != nil {
		return err
	}
	installed, missing := o.programs(ctx, dir, home)
	results, err := measureAll(ctx, installed, o.runs)
	if err != nil {
		return err
	}
	text := table(home, results, missing, o.runs)
	fmt.Println(text)
	if o.page == "" {
		return nil
	}
	return replace(o.page, name, text)
}
