package postgres

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// PutDays implements store.Days. Its transaction holds the account's row from the first door on, so what the judge
// sees is what is summed. What can be asked at once is sent at once: a trip to the database takes longer than most of its doors.
func (s *Store) PutDays(ctx context.Context, who store.Actor, up store.Upload) (store.Receipt, error) {
	if who.User == 0 {
		return store.Receipt{}, store.ErrNotFound
	}
	u := upload{Upload: up, who: who, cells: up.Cells(), rows: make(map[rowKey]store.Row), changed: make(map[string]bool)}
	err := s.within(ctx, func(tx pgx.Tx) error {
		u.tx = tx
		old, err := u.admit(ctx)
		if err != nil || old != nil {
			if old != nil {
				u.receipt = *old
			}
			return err
		}
		return u.put(ctx)
	})
	if err != nil {
		return store.Receipt{}, err
	}
	return u.receipt, nil
}

// upload is one upload on its way through the doors.
type upload struct {
	store.Upload
	who     store.Actor
	tx      pgx.Tx
	cells   map[store.Cell]bool // that it names
	alone   bool                // the account has one device
	plain   bool                // nothing of the account waits or is a copy, or was one
	receipt store.Receipt
	rows    map[rowKey]store.Row // of the account, of the days whose standing the upload can change
	overlap store.Overlap
	copied  []string        // days on which copies were found or are none any more
	changed map[string]bool // days
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
	var user, last int64
	var body []byte
	var receipt *string
	from, to := u.judged()
	b := &pgx.Batch{}
	if u.who.Key == (store.Hash{}) {
		b.Queue("SELECT tf.enter_as($1)", u.who.User).QueryRow(func(r pgx.Row) error { return r.Scan(&user) })
	} else {
		b.Queue("SELECT tf.enter($1, $2)", u.who.Key[:], u.At.Unix()).QueryRow(func(r pgx.Row) error { return r.Scan(&user) })
	}
	b.Queue("SELECT o_seq, o_body, o_receipt, o_alone, o_plain FROM tf.admit($1, $2)", u.who.Device, u.At.Unix()).QueryRow(func(r pgx.Row) error {
		return r.Scan(&last, &body, &receipt, &u.alone, &u.plain)
	})
	b.Queue("SELECT "+rowColumns+" FROM tf.usage_day WHERE user_id = $1 AND day BETWEEN $2 AND $3", u.who.User, from, to).Query(func(rows pgx.Rows) error {
		all, err := collect(rows, nil, scanWhole)
		for _, r := range all {
			u.rows[rowKey{r.Device, r.Key}] = r
		}
		return err
	})
	err := u.ask(ctx, b)
	switch {
	case err != nil:
		return nil, err
	case user != u.who.User:
		return nil, store.ErrNotFound
	case u.Seq > last:
		return nil, nil
	case u.Seq < last || !slices.Equal(body, u.Body[:]) || receipt == nil:
		return nil, &store.ErrStale{Last: last}
	}
	old := store.Receipt{Replayed: true}
	return &old, json.Unmarshal([]byte(*receipt), &old)
}

func (u *upload) put(ctx context.Context) error {
	u.receipt.SyncID = u.SyncID
	for _, step := range []func(context.Context) error{u.write, u.sum, u.remember} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
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
func (u *upload) write(ctx context.Context) error {
	if len(u.cells) == 0 {
		return nil
	}
	puts, gone := u.merge()
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
		put.Parser, now.Cost = now.Parser, put.Cost
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
	for _, d := range u.Days {
		if !d.Priced && d.Tokens.Total() > 0 && !slices.Contains(u.receipt.Unpriced, d.Model) {
			u.receipt.Unpriced = append(u.receipt.Unpriced, d.Model)
		}
	}
	slices.Sort(u.receipt.Unpriced)
	return u.ask(ctx, b)
}

// remember makes this upload the device's last.
func (u *upload) remember(ctx context.Context) error {
	receipt, err := json.Marshal(u.receipt)
	if err != nil {
		return err
	}
	_, err = u.tx.Exec(ctx, "SELECT tf.remember($1, $2, $3, $4, $5, $6, $7)",
		u.who.Device, u.Seq, u.Body[:], string(receipt), u.At.Unix(), u.Client, u.OS)
	return err
}
