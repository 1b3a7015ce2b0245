// Command benchserver measures the real server under load on both engines, on this machine alone, and writes what it found. It
// makes its own databases in scratch folders, fills them with copies of one real account, and is bounded in count and time.
//
// BENCH_USERS, BENCH_DAYS, BENCH_SCORES and BENCH_SECONDS change its sizes; BENCH_ENGINES names which engines, and BENCH_ONLY=uploads leaves out
// pages and the crowd. Filling a large database takes many minutes: BENCH_KEEP names a folder where filled ones stay, and are measured again the
// same day.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// sizes are how much is made and how long each measurement lasts.
type sizes struct {
	users   int64 // with usage on every day
	days    int64
	scores  int64 // lines on the board of all time, on PostgreSQL
	rank    int64 // of the page that is asked for
	measure time.Duration
	clients int  // at once, for memory
	uploads bool // and nothing else
}

func main() {
	write := flag.String("write", "", "`file` to write the result to")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := bench(ctx, *write); err != nil {
		fmt.Fprintln(os.Stderr, "benchserver:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, file string) error {
	s := sizes{users: number("BENCH_USERS", 200_000), days: number("BENCH_DAYS", 90), scores: number("BENCH_SCORES", 1_000_000),
		rank: number("BENCH_RANK", 350_000), measure: time.Duration(number("BENCH_SECONDS", 10)) * time.Second, clients: 500, uploads: os.Getenv("BENCH_ONLY") == "uploads"}
	names := os.Getenv("BENCH_ENGINES")
	if names == "" {
		names = "sqlite,postgres"
	}
	var results []result
	for _, name := range strings.Split(names, ",") {
		r, err := run(ctx, name, s)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		results = append(results, r)
	}
	text := page(s, results)
	fmt.Print(text)
	if file == "" {
		return nil
	}
	return os.WriteFile(file, []byte(text), 0o644)
}

func number(name string, otherwise int64) int64 {
	n, err := strconv.ParseInt(os.Getenv(name), 10, 64)
	if err != nil || n < 1 {
		return otherwise
	}
	return n
}

// run measures one engine from an empty database to the last figure.
func run(ctx context.Context, name string, s sizes) (result, error) {
	place, err := newPlace(name, s)
	if err != nil {
		return result{}, err
	}
	defer place.leave()
	r := result{engine: name}
	e, err := newEngine(ctx, name, place.dir)
	if err != nil {
		return r, err
	}
	defer e.close()
	r.version = e.version
	people, err := place.people()
	if err != nil {
		start := time.Now()
		if people, err = e.seed(ctx, s); err != nil {
			return r, fmt.Errorf("seed: %w", err)
		}
		progress("%s: %d users, %d rows in %s", name, s.users, people.Rows, time.Since(start).Round(time.Second))
		if err := place.filled(people); err != nil {
			return r, err
		}
	}
	r.rows = people.Rows
	if e.run, err = place.again(); err != nil {
		return r, err
	}
	e.first, e.bareFirst = firstCopy+e.run*withToken, firstCopy+max(0, s.users-(e.run+1)*withToken)
	if people.Tokens, err = e.tokens(ctx, min(s.users-e.run*withToken, withToken)); err != nil {
		return r, err
	}
	err = e.measure(ctx, s, people, &r)
	return r, err
}

func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
}
