package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// PutDays implements store.Days. Its transaction holds the account's row from the first door on, so what the judge
// sees is what is summed. What can be asked at once is sent at once: a trip to the database takes longer than most of its doors.
func (s *Store) PutDays(ctx context.Context, who store.Actor, up store.Upload) (store.Receipt, error) {
	if who.User == 0 {
		return store.Receipt{}, store.ErrNotFound
	}
	if who.Key == (store.Hash{}) { // the host, whom no door counts
		if err := s.charge(ctx, up); err != nil {
			return store.Receipt{}, err
		}
		up.Charges = nil
	} else if receipt, took, err := s.putResumed(ctx, who, up); took || errors.Is(err, store.ErrBusy) || ctx.Err() != nil {
		return receipt, err
	}
	if who.Recalled { // and may be somebody else by now
		var err error
		if who, err = s.TokenActor(ctx, who.Key, up.At); err != nil {
			return store.Receipt{}, err
		}
	}
	receipt, err := s.putDays(ctx, who, up, true)
	if errors.Is(err, errShared) { // what it counts against is counted
		up.Charges = nil
		receipt, err = s.putDays(ctx, who, up, false)
	}
	var over *store.ErrLimited
	if err != nil && !errors.As(err, &over) && !errors.Is(err, store.ErrBusy) && ctx.Err() == nil { // and what was counted is taken back
		err = cmp.Or(s.charge(ctx, up), err)
	}
	return receipt, err
}

// charge counts an upload that is not written.
func (s *Store) charge(ctx context.Context, up store.Upload) error {
	for i, c := range up.Charges {
		a, err := s.Take(ctx, c.Quota, c.N, up.At)
		if err != nil {
			return err
		}
		if a.Wait > 0 {
			return &store.ErrLimited{Charge: i, Wait: a.Wait}
		}
	}
	return nil
}

// putDays takes an upload in by one transaction, which begins with the first trip.
func (s *Store) putDays(ctx context.Context, who store.Actor, up store.Upload, quick bool) (store.Receipt, error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return store.Receipt{}, refusal(err)
	}
	defer conn.Release()
	u := upload{Upload: up, who: who, tx: conn, cells: up.Cells(), rows: make(map[rowKey]store.Row), changed: make(map[string]bool), quick: quick}
	old, err := u.admit(ctx)
	switch {
	case err == nil && old != nil:
		u.receipt = *old
		_, err = conn.Exec(ctx, "commit") // what it counts against
	case err == nil:
		err = u.put(ctx)
	}
	if err != nil {
		if !conn.Conn().IsClosed() && conn.Conn().PgConn().TxStatus() != 'I' {
			conn.Exec(ctx, "rollback") // or the connection is not used again
		}
		return store.Receipt{}, refusal(err)
	}
	if u.leaves != nil {
		s.recents.put(who.User, u.leaves)
	}
	return u.receipt, nil
}

// asker is a connection, or a transaction on it.
type asker interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// upload is one upload on its way through the doors.
type upload struct {
	store.Upload
	who     store.Actor
	tx      asker
	cells   map[store.Cell]bool // that it names
	alone   bool                // the account has one device
	plain   bool                // nothing of the account waits or is a copy, or was one
	owed    []string            // days whose lines wait
	quick   bool                // it may go through one door
	receipt store.Receipt
	rows    map[rowKey]store.Row // of the account, of the days whose standing the upload can change
	had     store.Tally          // of the account, before the upload
	before  store.Tally          // of the rows, before the upload
	own     store.Tally          // of those of the device, before the upload

	byDevice map[int64]store.Figures // of an account with several devices, of which nothing waits
	parts    []store.Sketched        // of its other devices, of the upload's days
	earlier  []store.DayTotal        // of the days before those that rolling lines reach back to
	last     int64                   // number of the device's last, where the account is in memory
	inbox    []rowKey                // rows that the account's inbox may have, likewise
	leaves   *recent                 // what the next upload can begin with
	overlap  store.Overlap
	copied   []string        // days on which copies were found or are none any more
	changed  map[string]bool // days
}

// rowKey is what an account has one row of.
type rowKey struct {
	device int64
	usage.Key
}

// ask sends what is queued in one trip and hands each answer over.
func (u *upload) ask(ctx context.Context, b *pgx.Batch) error { return u.tx.SendBatch(ctx, b).Close() }

// admit enters as the actor, checks that the upload is the device's next, and reads the account's rows. It returns the old receipt if
// it is the device's last upload once more.
func (u *upload) admit(ctx context.Context) (*store.Receipt, error) {
	var o opened
	from, to := u.judged()
	b := &pgx.Batch{}
	b.Queue("begin")
	if u.who.Key == (store.Hash{}) {
		b.Queue("SELECT tf.enter_as($1)", u.who.User).QueryRow(func(r pgx.Row) error { return r.Scan(&o.user) })
		b.Queue("SELECT o_seq, o_body, o_receipt, o_alone, o_plain FROM tf.admit($1, $2)", u.who.Device, u.At.Unix()).QueryRow(func(r pgx.Row) error {
			return r.Scan(&o.last, &o.body, &o.receipt, &u.alone, &u.plain)
		})
		u.quick = false
	} else {
		u.open(b, &o)
	}
	b.Queue("SELECT "+rowColumns+" FROM tf.upload_rows($1, $2, $3)", u.who.User, from, to).Query(func(rows pgx.Rows) error {
		all, err := collect(rows, nil, scanWhole)
		for _, r := range all {
			u.rows[rowKey{r.Device, r.Key}] = r
		}
		return err
	})
	err := u.ask(ctx, b)
	u.quick = u.quick && len(u.cells) > 0
	switch {
	case err != nil:
		return nil, err
	case o.user != u.who.User:
		return nil, store.ErrNotFound
	case o.over != nil:
		return nil, o.limited(u.Upload)
	case u.Seq > o.last:
		return nil, nil
	case u.Seq < o.last || !slices.Equal(o.body, u.Body[:]) || o.receipt == nil:
		return nil, &store.ErrStale{Last: o.last}
	}
	old := store.Receipt{Replayed: true}
	return &old, json.Unmarshal([]byte(*o.receipt), &old)
}

func (u *upload) put(ctx context.Context) error {
	u.receipt.SyncID = u.SyncID
	u.nameUnpriced()
	if u.quick {
		u.before, u.own = u.sumRows(0), u.sumRows(u.who.Device)
	}
	puts, gone := u.merge()
	if done, err := u.putAtOnce(ctx, puts, gone); done || err != nil {
		return err
	}
	if err := u.write(ctx, puts, gone); err != nil {
		return err
	}
	if err := u.sum(ctx); err != nil {
		return err
	}
	return u.remember(ctx)
}

// row is what put_rows reads; a day to remove has its key alone.
type row struct {
	Day          string      `json:"day"`
	Source       string      `json:"source"`
	Model        string      `json:"model"`
	Band         usage.Band  `json:"band"`
	Tier         usage.Tier  `json:"tier"`
	Requests     int64       `json:"requests"`
	Input        int64       `json:"input"`
	CacheRead    int64       `json:"cache_read"`
	CacheWrite5m int64       `json:"cache_write_5m"`
	CacheWrite1h int64       `json:"cache_write_1h"`
	Output       int64       `json:"output"`
	Reasoning    int64       `json:"reasoning"`
	Cost         usage.Money `json:"cost_uusd"`
	Priced       bool        `json:"priced"`
	Parser       int         `json:"parser"`
	Device       int64       `json:"device,omitempty"` // for reprice
	known        bool        // the row is there
}

func rowOf(d usage.Day) row {
	t := d.Tokens
	r := row{Day: d.Date, Source: d.Source, Model: d.Model, Band: d.Band, Tier: d.Tier, Requests: d.Requests, Input: t.Input,
		CacheRead: t.CacheRead, CacheWrite5m: t.CacheWrite5m, CacheWrite1h: t.CacheWrite1h, Output: t.Output, Reasoning: t.Reasoning, Priced: d.Priced}
	if d.Priced {
		r.Cost = d.Cost
	}
	return r
}

// write brings the device's rows up to the upload, and finds out which of them wait.
func (u *upload) write(ctx context.Context, puts, gone []row) error {
	if len(u.cells) == 0 {
		return nil
	}
	u.receipt.Written = len(puts) + len(gone)
	b := &pgx.Batch{}
	b.Queue("SELECT tf.put_rows($1, $2, $3, $4, $5)", u.who.Device, puts, gone, u.Book, u.At.Unix())
	u.compare(b)
	seen := store.Review{}
	seen.From, seen.To = u.judged()
	if u.alone { // and has no copies
		u.standing(b, &seen)
	}
	if err := u.ask(ctx, b); err != nil {
		return err
	}
	return u.review(ctx, seen)
}

// merge takes the upload into the rows and returns those that are put and those that go.
func (u *upload) merge() (puts, gone []row) {
	puts, gone = []row{}, []row{}
	first := make(map[store.Cell]time.Time) // when the device first told of a cell
	rest := make(map[rowKey]bool)           // what the device has in the cells beside the upload
	for k, r := range u.rows {
		c := store.Cell{Day: k.Date, Source: k.Source}
		if k.device != u.who.Device || !u.cells[c] {
			continue
		}
		rest[k] = true
		if at, known := first[c]; !known || r.First.Before(at) {
			first[c] = r.First
		}
	}
	for _, d := range u.Days {
		k := rowKey{u.who.Device, d.Key}
		old, known := u.rows[k]
		delete(rest, k)
		if known && !u.supersedes(d, old) {
			u.receipt.Unchanged++
			continue
		}
		now := store.Row{Device: u.who.Device, Parser: u.Parsers[d.Source], First: u.At.Truncate(time.Second).UTC(), Day: d}
		if at, told := first[store.Cell{Day: d.Date, Source: d.Source}]; told {
			now.First = at
		}
		if known {
			now.First = old.First
		}
		put := rowOf(d)
		put.Parser, now.Cost, put.known = now.Parser, put.Cost, known
		u.rows[k], u.changed[d.Date] = now, true
		puts = append(puts, put)
	}
	for k := range rest {
		if u.Replace || slices.Contains(u.Gone, store.Cell{Day: k.Date, Source: k.Source}) {
			gone = append(gone, rowOf(usage.Day{Key: k.Key}))
			u.changed[k.Date] = true
			delete(u.rows, k)
		}
	}
	return puts, gone
}

// supersedes reports whether the row is written over the stored one. A row only grows, since tools delete their logs,
// unless the device says that it tells the whole truth. A better price never waits.
func (u *upload) supersedes(d usage.Day, old store.Row) bool {
	if u.Replace {
		return d != old.Day || u.Parsers[d.Source] != old.Parser
	}
	if d.Tokens.Total() != old.Tokens.Total() {
		return d.Tokens.Total() > old.Tokens.Total()
	}
	return d.Tokens == old.Tokens && (d.Cost != old.Cost || d.Priced != old.Priced || u.Parsers[d.Source] > old.Parser)
}

const dayColumns = `day, source, model, band, tier, requests, input, cache_read, cache_write_5m, cache_write_1h,
	output, reasoning, cost_uusd, priced`

func dayFields(d *usage.Day) []any {
	t := &d.Tokens
	return []any{&d.Date, &d.Source, &d.Model, &d.Band, &d.Tier, &d.Requests, &t.Input, &t.CacheRead, &t.CacheWrite5m,
		&t.CacheWrite1h, &t.Output, &t.Reasoning, &d.Cost, &d.Priced}
}

func scanDay(r pgx.Rows, d *usage.Day) error { return r.Scan(dayFields(d)...) }

// rowColumns are what scanWhole reads.
const rowColumns = dayColumns + ", device_id, parser, first_seen_at"

func scanWhole(r pgx.Rows, row *store.Row) error {
	var first int64
	err := r.Scan(append(dayFields(&row.Day), &row.Device, &row.Parser, &first)...)
	row.First = time.Unix(first, 0).UTC()
	return err
}

// sum names the models, notes the days whose lines wait, and fills the totals of the receipt.
func (u *upload) sum(ctx context.Context) error {
	today := u.At.UTC().Format(time.DateOnly)
	b := &pgx.Batch{}
	if len(u.cells) > 0 {
		b.Queue("SELECT tf.owe($1, $2, $3, $4, $5)", u.who.Device, u.Families, slices.Collect(maps.Keys(u.changed)), u.At.Unix(), int64(store.RestFor.Seconds()))
	}
	into := func(f *store.Figures) func(pgx.Row) error {
		return func(r pgx.Row) error { return r.Scan(figureFields(f)...) }
	}
	b.Queue(totalQuery, u.who.User).QueryRow(into(&u.receipt.Total))
	b.Queue(deviceQuery, u.who.User, u.who.Device).QueryRow(into(&u.receipt.Device))
	b.Queue("SELECT "+rowSums+" FROM tf.usage_day WHERE user_id = $1 AND day = $2 AND NOT held", u.who.User, today).QueryRow(into(&u.receipt.Today))
	if u.who.Visibility == store.Public {
		b.Queue(`SELECT coalesce(sum(input + cache_read + cache_write_5m + cache_write_1h + output), 0)::bigint FROM tf.usage_day
			WHERE user_id = $1 AND day BETWEEN $2 AND $3 AND NOT held`, u.who.User, today[:8]+"01", today[:8]+"31").
			QueryRow(func(r pgx.Row) error { return r.Scan(&u.receipt.Month) })
	}
	return u.ask(ctx, b)
}

// nameUnpriced says in the receipt which models have no price.
func (u *upload) nameUnpriced() {
	for _, d := range u.Days {
		if !d.Priced && d.Tokens.Total() > 0 && !slices.Contains(u.receipt.Unpriced, d.Model) {
			u.receipt.Unpriced = append(u.receipt.Unpriced, d.Model)
		}
	}
	slices.Sort(u.receipt.Unpriced)
}

// remember makes this upload the device's last.
func (u *upload) remember(ctx context.Context) error {
	receipt, err := json.Marshal(u.receipt)
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	b.Queue("SELECT tf.remember($1, $2, $3, $4, $5, $6, $7)", u.who.Device, u.Seq, u.Body[:], string(receipt), u.At.Unix(), u.Client, u.OS)
	b.Queue("commit")
	return u.ask(ctx, b)
}
