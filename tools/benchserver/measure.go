package main

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/server/store"
)

// result is what was found on one engine.
type result struct {
	engine, version      string
	rows                 int64
	pages                pages
	ingest               spread // one client after the other
	through, bare, all   spread // as many as it takes
	turns, bareTurns     spread // the same, by all who have a token in turn
	crowd                spread // as many as there are
	memory, idle         float64
	oneServer, twoServer spread
	uploadCPU, bareCPU   time.Duration // of one
	onceCPU              time.Duration // of one by an account that sends once, with all that follows
	clientCPU            time.Duration // of this program, for an upload
	settled              time.Duration // until no line waited, after the crowd
}

const (
	rowsEach    = 30 // of an upload
	throughputs = 8  // clients at once
	maxRuns     = 50
	fresh       = 10 // accounts from here on have sent nothing before, or once
)

func (e *engine) measure(ctx context.Context, s sizes, p people, r *result) error {
	server, err := e.serve(ctx)
	if err != nil {
		return err
	}
	if r.idle, err = server.memory(); err != nil {
		return err
	}
	u := newUploads(p, byUploads+e.run)
	if !s.uploads {
		if r.pages, err = e.boards(ctx, s, server, u); err != nil {
			return err
		}
	}
	r.ingest = load(ctx, 2, s.measure, func(ctx context.Context, w int, _ int64) error { return u.send(ctx, server, w) })
	progress("%s: ingest by 2 clients: %s", e.name, r.ingest)
	// Where uploads and bare upserts can take turns they do, so that a machine that is faster now than then is so for both.
	var put *sql.Stmt
	rounds := 1
	if e.name == "postgres" {
		rounds = 4
		if put, err = e.prepareBare(ctx, len(p.Tokens)); err != nil {
			return err
		}
		defer put.Close()
	}
	for w := range throughputs { // bare upserts find their rows there, too
		if err := u.send(ctx, server, fresh+w); err != nil {
			return err
		}
	}
	if _, err := e.untilSettled(ctx); err != nil {
		return err
	}
	own := cpu(os.Getpid(), false)
	for range rounds {
		before := e.used(server)
		r.through.add(load(ctx, throughputs, s.measure/time.Duration(rounds), func(ctx context.Context, w int, _ int64) error { return u.send(ctx, server, fresh+w) }))
		r.uploadCPU += e.used(server) - before
		if r.clientCPU += cpu(os.Getpid(), false) - own; put != nil {
			e.bareEach(ctx, put, s.measure/time.Duration(rounds), r)
		}
		own = cpu(os.Getpid(), false)
	}
	r.uploadCPU, r.clientCPU = each(r.uploadCPU, len(r.through.took)), each(r.clientCPU, len(r.through.took))
	progress("%s: ingest by %d clients: %s, %s of processor each, %s of the client's", e.name, throughputs, r.through, ms(r.uploadCPU), r.clientCPU)
	if err := u.once(ctx, server, e); err != nil {
		return err
	}
	before := e.used(server)
	if err := u.once(ctx, server, e); err != nil {
		return err
	}
	r.onceCPU = each(e.used(server)-before, len(u.letters))
	progress("%s: an upload, its rows and its lines: %s of processor each", e.name, ms(r.onceCPU))
	for i := range max(1, rounds/2) {
		if i > 0 {
			if _, err := e.untilSettled(ctx); err != nil {
				return err
			}
			e.bareTurns(ctx, put, s.measure/time.Duration(rounds/2), len(p.Tokens), r)
		}
		r.turns.add(load(ctx, throughputs, s.measure/time.Duration(max(1, rounds/2)), func(ctx context.Context, _ int, n int64) error { return u.send(ctx, server, int(n)) }))
	}
	progress("%s: the same, by %d accounts in turn: %s", e.name, len(p.Tokens), r.turns)
	if put != nil {
		if _, err := e.untilSettled(ctx); err != nil {
			return err
		}
		e.bareTurns(ctx, put, s.measure/time.Duration(rounds/2), len(p.Tokens), r)
	}
	if !s.uploads {
		if err := e.crowd(ctx, s, server, u, r); err != nil {
			return err
		}
	}
	if r.settled, err = e.untilSettled(ctx); err != nil {
		return err
	}
	progress("%s: the boards hold everything %s later", e.name, r.settled.Round(time.Millisecond))
	server.stop()
	if put == nil {
		if put, err = e.prepareBare(ctx, len(p.Tokens)); err != nil {
			return err
		}
		defer put.Close()
		e.bareEach(ctx, put, s.measure, r)
		e.bareTurns(ctx, put, s.measure, len(p.Tokens), r)
	}
	r.bareCPU = each(r.bareCPU, len(r.bare.took))
	r.all = load(ctx, throughputs, s.measure, func(ctx context.Context, w int, n int64) error { return e.writeAll(ctx, put, e.first+int64(w), n) })
	progress("%s: bare upserts by %d clients: %s, %s of processor each", e.name, throughputs, r.bare, ms(r.bareCPU))
	progress("%s: the same, of %d accounts in turn: %s", e.name, len(p.Tokens), r.bareTurns)
	progress("%s: bare writes of all that an upload changes: %s", e.name, r.all)
	if e.name != "postgres" {
		return nil
	}
	u.from = byInstances + e.run
	return e.instances(ctx, s, u, r)
}

// crowd has as many clients as there are read and send at once.
func (e *engine) crowd(ctx context.Context, s sizes, server *process, u *uploads, r *result) error {
	r.crowd = load(ctx, s.clients, s.measure, func(ctx context.Context, w int, n int64) error {
		if n%2 == 0 {
			return server.get(ctx, "/api/v1/leaderboard?period=all")
		}
		return u.send(ctx, server, w)
	})
	var err error
	r.memory, err = server.memory()
	progress("%s: %d clients: %s, at most %.0f MiB", e.name, s.clients, r.crowd, r.memory)
	return err
}

// untilSettled waits until no line waits any more.
func (e *engine) untilSettled(ctx context.Context) (time.Duration, error) {
	begun := time.Now()
	for {
		var n int64
		if err := e.db.QueryRowContext(ctx, "SELECT count(*) FROM "+e.schema+"due").Scan(&n); err != nil || n == 0 {
			return time.Since(begun), err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// instances compares one server with two, each given one processor.
func (e *engine) instances(ctx context.Context, s sizes, u *uploads, r *result) error {
	var servers []*process
	for range 2 {
		p, err := e.serve(ctx, "GOMAXPROCS=1")
		if err != nil {
			return err
		}
		defer p.stop()
		servers = append(servers, p)
	}
	for n, into := range []*spread{&r.oneServer, &r.twoServer} {
		*into = load(ctx, 2*throughputs, s.measure, func(ctx context.Context, w int, i int64) error {
			server := servers[w%(n+1)]
			if i%10 == 0 {
				return u.send(ctx, server, w)
			}
			return server.get(ctx, "/api/v1/leaderboard?period=all")
		})
		progress("%s: by %d servers: %s", e.name, n+1, into)
	}
	return nil
}

// uploads are syncs of the last two days, fifteen kinds of row each, all a little more than the time before.
type uploads struct {
	letters []*letter // by account
	from    int64     // tokens of the first
	n       atomic.Int64
}

func newUploads(p people, from int64) *uploads {
	var rows []row
	for i := range rowsEach {
		rows = append(rows, row{kinds[i/2].source, kinds[i/2].model, today(i % 2), from})
	}
	u := &uploads{from: from}
	for _, token := range p.Tokens {
		u.letters = append(u.letters, write(token, rows))
	}
	return u
}

// What a row's first tokens are, of uploads, of bare upserts and of what comes after these: more than any had before, or writing it again
// would change nothing. Runs differ by one each, and what one sends by maxRuns, so that no two send the same.
const (
	byUploads = 2_500_000 * (1 + iota)
	byBare
	byInstances
)

func (u *uploads) send(ctx context.Context, server *process, worker int) error {
	l := u.letters[worker%len(u.letters)]
	l.mu.Lock()
	defer l.mu.Unlock()
	n := u.n.Add(1)
	for i := range rowsEach {
		l.set(i, u.from+n*maxRuns)
	}
	return server.upload(ctx, l)
}

// once has every account send once and their lines made. After it uploads find all their rows there, as bare upserts do.
func (u *uploads) once(ctx context.Context, server *process, e *engine) error {
	for i := range u.letters {
		if err := u.send(ctx, server, i); err != nil {
			return err
		}
	}
	_, err := e.untilSettled(ctx)
	return err
}

// kinds are the fifteen kinds of row of a day.
var kinds = func() (all []struct{ source, model string }) {
	for _, source := range []string{"codex", "claude-code", "gemini-cli"} {
		for _, model := range []string{"gpt-5", "gpt-5-mini", "claude-opus-4-5", "claude-sonnet-4-5", "gemini-2.5-pro"} {
			all = append(all, struct{ source, model string }{source, model})
		}
	}
	return all
}()

// today is the date so many days ago.
func today(ago int) string { return time.Now().UTC().AddDate(0, 0, -ago).Format(time.DateOnly) }

// prepareBare readies the upsert of an upload's rows and nothing else, and has it make the rows of all accounts that it is to write later.
func (e *engine) prepareBare(ctx context.Context, users int) (*sql.Stmt, error) {
	columns := []string{"user_id", "device_id", "day", "source", "model", "band", "tier", "requests", "input", "cache_read", "cache_write_5m", "cache_write_1h",
		"output", "reasoning", "cost_uusd", "priced", "book", "parser", "first_seen_at"}
	var set []string
	for _, c := range columns[7:18] {
		set = append(set, c+" = excluded."+c)
	}
	if e.name == "sqlite" {
		e.db.SetMaxOpenConns(1)                                                                                // as one writes at a time anyway
		if _, err := e.db.ExecContext(ctx, "PRAGMA foreign_keys = 1; PRAGMA cache_size = -8192"); err != nil { // as the server's
			return nil, err
		}
		if err := e.dropTriggers(ctx); err != nil {
			return nil, err
		}
	} else {
		e.db.SetMaxOpenConns(throughputs)
		e.db.SetMaxIdleConns(throughputs)
	}
	var groups []string
	for i := range rowsEach {
		groups = append(groups, "("+marks(e.name, i*len(columns), len(columns))+")")
	}
	put, err := e.db.PrepareContext(ctx, "INSERT INTO "+e.schema+"usage_day ("+strings.Join(columns, ", ")+") VALUES "+strings.Join(groups, ", ")+
		" ON CONFLICT (user_id, day, source, device_id, model, band, tier) DO UPDATE SET "+strings.Join(set, ", "))
	for i := 0; i < users && err == nil; i++ {
		_, err = put.ExecContext(ctx, bareRows(e.bareFirst+int64(i), 0)...)
	}
	return put, err
}

// bareEach writes the rows of as many accounts as there are clients. They are not those that send, whose rows are not to change under them.
func (e *engine) bareEach(ctx context.Context, put *sql.Stmt, d time.Duration, r *result) {
	before := e.used(nil)
	r.bare.add(load(ctx, throughputs, d, func(ctx context.Context, w int, n int64) error {
		_, err := put.ExecContext(ctx, bareRows(e.bareFirst+int64(w), n)...)
		return err
	}))
	r.bareCPU += e.used(nil) - before
}

// bareTurns writes the rows of as many accounts as send, in turn.
func (e *engine) bareTurns(ctx context.Context, put *sql.Stmt, d time.Duration, users int, r *result) {
	r.bareTurns.add(load(ctx, throughputs, d, func(ctx context.Context, _ int, n int64) error {
		_, err := put.ExecContext(ctx, bareRows(e.bareFirst+n%int64(users), n)...)
		return err
	}))
}

// writeAll is the bare upsert, and a write of each sum and line of the two days.
func (e *engine) writeAll(ctx context.Context, put *sql.Stmt, user, n int64) error {
	tx, err := e.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.StmtContext(ctx, put).ExecContext(ctx, bareRows(user, n)...); err != nil {
		return err
	}
	periods := make(map[string]bool)
	for ago := range 2 {
		for _, p := range store.Periods(time.Now().UTC().AddDate(0, 0, -ago)) {
			periods[p.Name] = true
		}
	}
	periods["7d"], periods["30d"] = true, true
	for _, statement := range []string{
		fmt.Sprintf("UPDATE %suser_day SET input = input + 1, output = output + 1, cost_uusd = cost_uusd + 1 WHERE user_id = %d AND day IN ('%s', '%s')", e.schema, user, today(0), today(1)),
		fmt.Sprintf("UPDATE %sscore SET input = input + 1, output = output + 1, tokens = tokens + 1, cost_uusd = cost_uusd + 1 WHERE user_id = %d AND period IN ('%s')",
			e.schema, user, strings.Join(slices.Sorted(maps.Keys(periods)), "', '")),
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// bareBook prices the rows of bare upserts: the server would price those of an older one again.
var bareBook = pricing.Embedded().Date()

// bareRows are the values of the rows that an upload would write.
func bareRows(user, n int64) []any {
	input := byBare + n*maxRuns
	var all []any
	for i := range rowsEach {
		k := kinds[i/2]
		all = append(all, user, user, today(i%2), k.source, k.model, 0, "standard", input/1000, input, input*7, 0, 0, input/5, 0, 1, true, bareBook, 0, 0)
	}
	return all
}

func marks(engine string, from, n int) string {
	var all []string
	for i := range n {
		if engine == "postgres" {
			all = append(all, fmt.Sprint("$", from+i+1))
		} else {
			all = append(all, "?")
		}
	}
	return strings.Join(all, ", ")
}
