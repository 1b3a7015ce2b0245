package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// String is one line about the spread.
func (s spread) String() string {
	text := fmt.Sprintf("%d in %s, %.0f/s, p50 %s, p99 %s", len(s.took), s.over.Round(time.Second), s.rate(), ms(s.at(.5)), ms(s.at(.99)))
	if s.failed > 0 {
		text += fmt.Sprintf(", %d FAILED: %v", s.failed, s.err)
	}
	return text
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

// page writes the results as documentation.
func page(s sizes, results []result) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# The server's speed

`+"`make bench-server`"+` measures the real binaries on this machine alone and writes this page. It fills a new database with copies of one
account that was made through the server, %d users with usage on each of %d days, and asks over loopback. The load, the server and the
database share the machine, so figures are a lower bound; PostgreSQL runs with fsync and synchronous_commit on.

Machine: %s. Sizes change by `+"`BENCH_USERS`, `BENCH_DAYS`, `BENCH_SCORES` and `BENCH_SECONDS`"+`.

| | aim |`, s.users, s.days, machine())
	for _, r := range results {
		fmt.Fprintf(&b, " %s |", r.version)
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(results)) + "\n")
	line := func(what, aim string, of func(result) string) {
		fmt.Fprintf(&b, "| %s | %s |", what, aim)
		for _, r := range results {
			fmt.Fprintf(&b, " %s |", of(r))
		}
		b.WriteByte('\n')
	}
	line("rows in the database", "", func(r result) string { return fmt.Sprintf("%.1f million", float64(r.rows)/1e6) })
	line("rank that board pages are read at", "350000", func(r result) string { return fmt.Sprint(r.pages.rank) })
	line("board page (HTML), p50 / p99", "p99 < 20 ms", func(r result) string { return both(r.pages.html) })
	line("signed in, with one's own line", "p99 < 20 ms", func(r result) string { return both(r.pages.signedIn) })
	line("board page (JSON)", "p99 < 20 ms", func(r result) string { return both(r.pages.json) })
	line(fmt.Sprintf("board pages (HTML) one after the other, %d of them", turned), "p99 < 20 ms", func(r result) string { return both(r.pages.next) })
	line("processor time of the same page again / of another page", "", func(r result) string { return ms(r.pages.sameCPU) + " / " + ms(r.pages.nextCPU) })
	line("pages one after the other while 2 clients upload", "", func(r result) string { return both(r.pages.mixed) })
	line(fmt.Sprintf("upload of %d rows, 2 clients, p50 / p99", rowsEach), "p99 < 50 ms", func(r result) string { return both(r.ingest) })
	line(fmt.Sprintf("uploads a second, %d clients", throughputs), "", func(r result) string { return fmt.Sprintf("%.0f", r.through.rate()) })
	line("bare upserts of the same rows, a second", "", func(r result) string { return fmt.Sprintf("%.0f", r.bare.rate()) })
	line("share of the bare rate", "> 60 %", func(r result) string { return share(r.through, r.bare) })
	line("uploads / bare upserts a second, 8 clients, of 600 accounts in turn", "", func(r result) string { return fmt.Sprintf("%.0f / %.0f", r.turns.rate(), r.bareTurns.rate()) })
	line("share of that rate", "> 60 %", func(r result) string { return share(r.turns, r.bareTurns) })
	line("processor time of an upload / of a bare upsert", "", func(r result) string { return ms(r.uploadCPU) + " / " + ms(r.bareCPU) })
	line("processor time of an upload by an account that sends once, with its rows and lines", "", func(r result) string { return ms(r.onceCPU) })
	line("processor time of the client that sends an upload", "", func(r result) string { return fmt.Sprintf("%.2f ms", float64(r.clientCPU.Microseconds())/1000) })
	line("bare writes of all rows that an upload changes, a second", "", func(r result) string { return fmt.Sprintf("%.0f", r.all.rate()) })
	line("share of that rate", "", func(r result) string { return share(r.through, r.all) })
	line("memory, at rest / with 500 clients at once", "< 200 MiB", func(r result) string { return fmt.Sprintf("%.0f / %.0f MiB", r.idle, r.memory) })
	line(fmt.Sprintf("requests of %d clients: answered / told to come back", s.clients), "", func(r result) string { return fmt.Sprintf("%d / %d", len(r.crowd.took), r.crowd.failed) })
	line("boards hold everything, after that", "", func(r result) string { return fmt.Sprintf("%.1f s", r.settled.Seconds()) })
	line("requests a second by one server / two, one processor each", "more", func(r result) string {
		if r.oneServer.over == 0 {
			return "one only"
		}
		return fmt.Sprintf("%.0f / %.0f", r.oneServer.rate(), r.twoServer.rate())
	})
	fmt.Fprintf(&b, `
A bare upsert is one prepared `+"`INSERT … ON CONFLICT DO UPDATE`"+` of all %d rows into `+"`usage_day`"+` with its indexes, checks and references, in
a transaction of its own, by as many clients, on the same engine with the same durability: no HTTP, no JSON, no token, no limits, no
identity (SQLite's triggers are taken down, PostgreSQL is asked by its superuser), no judging, no prints, no receipt. The rows are there before, and
so they are for uploads: each of the eight, and of the 600, has sent once before, and has its lines. On PostgreSQL uploads and bare upserts
take turns, two seconds each, since a machine may be twice as fast now as then. SQLite is inside the measuring program for bare upserts, on one connection,
since one writes at a time. All rows that an upload changes in the end are these, the
sums of the two days, and its lines on every board that the days are on: by tool, family and both, day, week, month, year, all time and
rolling, about a hundred and thirty here; they are made behind the uploads, of an account that keeps sending every ten seconds. On PostgreSQL the
rows too wait in the account's inbox until then, or until somebody looks, in one row; that they are written in the end is in the processor time of an account that sends once.

Processor time is that of the server and of the database's processes, work behind the uploads included. Where other programs share the
processors it says more than the clock does. Clients share the processors with the server, so they do as little as they can: what they send is
written out before, but for its figures, goes over connections that stay open, and of the answer they read no more than that it is 200. PostgreSQL vacuums
when it finds it is time: a worker of it takes a third of a processor for some seconds, which may fall into any of the measurements and halves what it meets. The bare upsert on SQLite crosses no process, so a busy machine slows uploads down by more than it.

What bounds it. Where the processor time of an upload goes, by profile and by what the database counts, before the index of prints on PostgreSQL became a third of its size:

| SQLite | | PostgreSQL | |
|---|---|---|---|
| its rows, by thirty updates that each pass an identity trigger | 31 %% | its rows, as one row of the inbox | 9 %% |
| committing, with the pages that totals, limits and receipt dirty beside the rows | 6 %% | prints, with the index by which copies are found | 17 %% |
| what it compares with, as far as memory has not got it | 1 %% | entering, three limits, the lock, and holding what memory has against the database | 13 %% |
| prints, and looking for them with others | 15 %% | calling the door | 6 %% |
| the judge | 5 %% | committing, and the protocol | 10 %% |
| entering, limits, totals, number, receipt | 8 %% | rows and lines behind it | 5 %% |
| HTTP, JSON, the token, prices, collecting garbage | 31 %% | HTTP, JSON, prices, the judge and collecting garbage, in the server | 40 %% |
| lines behind it | 3 %% | | |

So the rows are a third of it on SQLite, where all but writing is done before an upload's turn, and a tenth on PostgreSQL, where they wait in the account's inbox. A bare upsert
has no identity to check and nothing to compare. What is read of an account that sends again is in memory, on PostgreSQL for one question to the database, which says whether it is
still so. On SQLite the index of prints, which are spread by nature, follows with the lines. On PostgreSQL that index begins with the day and is narrow, so that uploads meet in a few pages of it, and
the write-ahead log takes 5 KB of an upload. Each statement asks for each of its tables whose rows it may see, seven times an upload, which is a twentieth of it. An account that is not in memory, for it sent to another server or long ago, has its rows written at once and costs twice as much, as does
one with several devices, which never is; more where something may be a copy. Lines cost several uploads: of accounts that send every hour they are most of the work.

A database that does not fit into memory is bound by the disk: an account that sends after a while brings its rows and its part of each index from there.

A page of fifty accounts is its lines, read anew each time by the index of the board, and what stands beside them: thirty days and the
models of each, which is most of the work where nobody has looked within the minute, as when pages are turned one after the other.
`, rowsEach)
	for _, r := range results {
		for what, s := range map[string]spread{"page": r.pages.html, "signed in": r.pages.signedIn, "board": r.pages.json, "pages": r.pages.next, "pages and uploads": r.pages.mixed, "upload": r.ingest, "throughput": r.through, "bare": r.bare, "bare writes": r.all, "one": r.oneServer, "two": r.twoServer} {
			if s.failed > 0 {
				fmt.Fprintf(&b, "\nOn %s %d requests of %s failed.\n", r.version, s.failed, what)
			}
		}
	}
	return b.String()
}

func share(a, b spread) string { return fmt.Sprintf("%.0f %%", 100*a.rate()/b.rate()) }

func both(s spread) string { return ms(s.at(.5)) + " / " + ms(s.at(.99)) }

// machine names what this runs on.
func machine() string {
	name := runtime.GOARCH
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if model, ok := strings.CutPrefix(line, "model name"); ok {
				name = strings.Trim(model, "\t :\n")
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d processors, %s%s, %s", name, runtime.NumCPU(), runtime.GOOS, hugePages(), time.Now().Format(time.DateOnly))
}

// hugePages says whether PostgreSQL's shared buffers can be in pages of 2 MiB, which it takes by itself: it finds its way in memory by them.
func hugePages() string {
	b, _ := os.ReadFile("/proc/sys/vm/nr_hugepages")
	if n, _ := strconv.Atoi(strings.TrimSpace(string(b))); n < 1100 {
		return ""
	}
	return " with huge pages for PostgreSQL"
}
