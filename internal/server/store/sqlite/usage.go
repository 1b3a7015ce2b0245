package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// PutDays implements store.Days.
func (s *Store) PutDays(ctx context.Context, who store.Actor, up store.Upload) (store.Receipt, error) {
	var receipt store.Receipt
	err := s.as(ctx, who.User, func(tx *sql.Tx) error {
		u := upload{Upload: up, store: s, who: who, tx: tx, cells: up.Cells(), changed: make(map[string]bool),
			rows: make(map[rowKey]storedRow), tallies: make(map[int64]tally), before: make(map[int64]tally)}
		old, err := u.admit(ctx)
		if err != nil || old != nil {
			if old != nil {
				receipt = *old
			}
			return err
		}
		if err := s.settleEarlier(ctx, tx, who.User, up.At); err != nil {
			return err
		}
		receipt, err = u.put(ctx)
		return err
	})
	return receipt, err
}

// upload is one upload on its way into the tables.
type upload struct {
	store.Upload
	store   *Store
	who     store.Actor
	tx      *sql.Tx
	cells   map[store.Cell]bool // that it names
	alone   bool                // the account has one device
	holds   bool                // days of the account wait, or have waited
	plain   bool                // nothing of the account waits or is a copy, or was one
	receipt store.Receipt
	first   map[store.Cell]int64 // when the device first told of the cells that it has
	rows    map[rowKey]storedRow // of the account, of the days whose standing the upload can change
	copied  []string             // days on which copies were found or are none any more
	changed map[string]bool      // days
	tallies map[int64]tally      // from before the upload, by device
	before  map[int64]tally      // of rows, by device
}

// storedRow is a row with the date of the book that priced it.
type storedRow struct {
	store.Row
	book string
}

// rowKey is what an account has one row of.
type rowKey struct {
	device int64
	usage.Key
}

// admit checks that the upload is the device's next. It returns the old receipt if it is the device's last once more.
func (u *upload) admit(ctx context.Context) (*store.Receipt, error) {
	var last int64
	var body []byte
	var receipt sql.NullString
	var suspended, copies bool
	err := u.tx.QueryRowContext(ctx, `SELECT d.last_seq, d.last_body, d.last_receipt, u.state = 2,
		NOT EXISTS (SELECT 1 FROM devices o WHERE o.user_id = u.id AND o.id <> d.id), EXISTS (SELECT 1 FROM holds h WHERE h.user_id = u.id),
		EXISTS (SELECT 1 FROM copies c WHERE c.user_id = u.id)
		FROM devices d JOIN users u ON u.id = d.user_id WHERE d.user_id = ? AND d.id = ?`, u.who.User, u.who.Device).
		Scan(&last, &body, &receipt, &suspended, &u.alone, &u.holds, &copies)
	u.plain = !u.holds && !copies
	switch {
	case err != nil:
		return nil, notFound(err)
	case suspended:
		return nil, store.ErrSuspended
	case u.Seq > last:
		return nil, nil
	case u.Seq < last || !slices.Equal(body, u.Body[:]) || !receipt.Valid:
		return nil, &store.ErrStale{Last: last}
	}
	old := store.Receipt{Replayed: true}
	return &old, json.Unmarshal([]byte(receipt.String), &old)
}

func (u *upload) put(ctx context.Context) (store.Receipt, error) {
	u.receipt.SyncID = u.SyncID
	steps := []func(context.Context) error{u.write, u.compare, u.review, u.rollUp, u.sum, u.remember}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return store.Receipt{}, err
		}
	}
	return u.receipt, nil
}

// write brings the device's rows up to the upload.
func (u *upload) write(ctx context.Context) error {
	if len(u.cells) > 0 {
		if err := u.read(ctx); err != nil {
			return err
		}
	}
	if err := u.readTally(ctx); err != nil {
		return err
	}
	rest := make(map[rowKey]bool) // what the device has in the cells beside the upload
	for k := range u.rows {
		if k.device == u.who.Device && u.cells[store.Cell{Day: k.Date, Source: k.Source}] {
			rest[k] = true
		}
	}
	var puts []usage.Day
	for _, d := range u.Days {
		k := rowKey{u.who.Device, d.Key}
		old, known := u.rows[k]
		delete(rest, k)
		if known && !u.supersedes(d, old) {
			u.receipt.Unchanged++
			continue
		}
		puts = append(puts, d)
	}
	if err := u.putRows(ctx, puts); err != nil {
		return err
	}
	return u.remove(ctx, rest)
}

// supersedes reports whether the row is written over the stored one. A row only grows, since tools delete their logs,
// unless the device says that it tells the whole truth. A better price never waits.
func (u *upload) supersedes(d usage.Day, old storedRow) bool {
	if u.Replace {
		return d != old.Day || u.Parsers[d.Source] != old.Parser
	}
	if d.Tokens.Total() != old.Tokens.Total() {
		return d.Tokens.Total() > old.Tokens.Total()
	}
	return d.Tokens == old.Tokens && (d.Cost != old.Cost || d.Priced != old.Priced || u.Parsers[d.Source] > old.Parser)
}

// read reads the account's rows of the days whose standing the upload can change.
func (u *upload) read(ctx context.Context) error {
	from, to := u.judged()
	rows, err := u.tx.QueryContext(ctx, "SELECT "+rowColumns+", book FROM usage_day WHERE user_id = ? AND day BETWEEN ? AND ?", u.who.User, from, to)
	all, err := collect(rows, err, scanStored)
	u.first = make(map[store.Cell]int64)
	for _, r := range all {
		u.rows[rowKey{r.Device, r.Key}] = r
		c := store.Cell{Day: r.Date, Source: r.Source}
		if first, known := u.first[c]; r.Device == u.who.Device && (!known || r.First.Unix() < first) {
			u.first[c] = r.First.Unix()
		}
	}
	return err
}

const dayColumns = `day, source, model, band, tier, requests, input, cache_read, cache_write_5m, cache_write_1h,
	output, reasoning, cost_uusd, priced`

func scanDay(r *sql.Rows, d *usage.Day) error {
	t := &d.Tokens
	return r.Scan(&d.Date, &d.Source, &d.Model, &d.Band, &d.Tier, &d.Requests, &t.Input, &t.CacheRead, &t.CacheWrite5m,
		&t.CacheWrite1h, &t.Output, &t.Reasoning, &d.Cost, &d.Priced)
}

// rowColumns are what scanStored reads, before the book.
const rowColumns = dayColumns + ", device_id, parser, first_seen_at"

func scanStored(r *sql.Rows, row *storedRow) error {
	t := &row.Tokens
	var first int64
	err := r.Scan(&row.Date, &row.Source, &row.Model, &row.Band, &row.Tier, &row.Requests, &t.Input, &t.CacheRead, &t.CacheWrite5m,
		&t.CacheWrite1h, &t.Output, &t.Reasoning, &row.Cost, &row.Priced, &row.Device, &row.Parser, &first, &row.book)
	row.First = time.Unix(first, 0).UTC()
	return err
}

// putSizes are how many rows a statement writes: one statement for many costs less than many.
var putSizes = [...]int{16, 4, 1}

// putRows are statements of each size, without the book and with it, which is in an index.
var putRows = func() (all [len(putSizes)][2]string) {
	for i, n := range putSizes {
		all[i][0] = `INSERT INTO usage_day (` + dayColumns + `, user_id, device_id, book, parser, first_seen_at)
	VALUES ` + strings.Repeat(", (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", n)[2:] + `
	ON CONFLICT DO UPDATE SET requests = excluded.requests, input = excluded.input, cache_read = excluded.cache_read,
	cache_write_5m = excluded.cache_write_5m, cache_write_1h = excluded.cache_write_1h, output = excluded.output,
	reasoning = excluded.reasoning, cost_uusd = excluded.cost_uusd, priced = excluded.priced, parser = excluded.parser`
		all[i][1] = all[i][0] + ", book = excluded.book"
	}
	return all
}()

// putRows writes rows of the device.
func (u *upload) putRows(ctx context.Context, days []usage.Day) error {
	u.receipt.Written += len(days)
	var args []any
	book := 0
	for _, d := range days {
		k := rowKey{u.who.Device, d.Key}
		row := storedRow{store.Row{Device: u.who.Device, Parser: u.Parsers[d.Source], First: u.firstOf(d), Day: d}, u.Book}
		row.Cost = paid(d)
		t := row.Tokens
		args = append(args, d.Date, d.Source, d.Model, d.Band, d.Tier, d.Requests, t.Input, t.CacheRead, t.CacheWrite5m,
			t.CacheWrite1h, t.Output, t.Reasoning, row.Cost, d.Priced, u.who.User, u.who.Device, u.Book, row.Parser, row.First.Unix())
		if was, there := u.rows[k]; there {
			row.First = was.First
			if was.book != u.Book {
				book = 1
			}
		}
		u.rows[k] = row
		u.changed[d.Date] = true
	}
	const each = 19
	for i, n := range putSizes {
		for len(args) >= n*each {
			if _, err := u.tx.ExecContext(ctx, putRows[i][book], args[:n*each]...); err != nil {
				return err
			}
			args = args[n*each:]
		}
	}
	return nil
}

// firstOf is when the device first told of the day's cell.
func (u *upload) firstOf(d usage.Day) time.Time {
	first, known := u.first[store.Cell{Day: d.Date, Source: d.Source}]
	if !known {
		first = u.At.Unix()
	}
	return time.Unix(first, 0).UTC()
}

// paid is the day's cost, and nothing while its model has no price.
func paid(d usage.Day) usage.Money {
	if !d.Priced {
		return 0
	}
	return d.Cost
}

// remove takes away what the device has beside the upload: in the cells that it replaces, or of which nothing is left.
func (u *upload) remove(ctx context.Context, rest map[rowKey]bool) error {
	for k := range rest {
		if !u.Replace && !slices.Contains(u.Gone, store.Cell{Day: k.Date, Source: k.Source}) {
			continue
		}
		_, err := u.tx.ExecContext(ctx, `DELETE FROM usage_day WHERE user_id = ? AND device_id = ? AND day = ? AND source = ?
			AND model = ? AND band = ? AND tier = ?`, u.who.User, u.who.Device, k.Date, k.Source, k.Model, k.Band, k.Tier)
		if err != nil {
			return err
		}
		u.receipt.Written++
		delete(u.rows, k)
		u.changed[k.Date] = true
	}
	return nil
}

// sum fills the totals of the receipt.
func (u *upload) sum(ctx context.Context) error {
	if err := u.sumRows(ctx); err != nil {
		return err
	}
	for _, d := range u.Days {
		if !d.Priced && d.Tokens.Total() > 0 && !slices.Contains(u.receipt.Unpriced, d.Model) {
			u.receipt.Unpriced = append(u.receipt.Unpriced, d.Model)
		}
	}
	slices.Sort(u.receipt.Unpriced)
	return nil
}

// sumRows works out what days add up to, from the tallies as long as all rows count.
func (u *upload) sumRows(ctx context.Context) error {
	today := u.At.UTC().Format(time.DateOnly)
	var err error
	if u.receipt.Today, err = sumOf(ctx, u.tx, u.who.User, today, today); err != nil {
		return err
	}
	if u.who.Visibility == store.Public {
		if err := u.tx.QueryRowContext(ctx, "SELECT coalesce(sum"+tokenColumns+", 0) FROM usage_day WHERE user_id = ? AND day BETWEEN ? AND ? AND held = 0",
			u.who.User, today[:8]+"01", today[:8]+"31").Scan(&u.receipt.Month); err != nil {
			return err
		}
	}
	if !u.plain {
		if u.receipt.Total, err = sumOf(ctx, u.tx, u.who.User, store.Always.From, store.Always.To); err != nil {
			return err
		}
		if u.receipt.Device, err = deviceSum(ctx, u.tx, u.who.User, u.who.Device); err != nil {
			return err
		}
		return forget(ctx, u.tx, u.who.User)
	}
	for _, of := range []struct {
		device int64
		sum    *store.Figures
	}{{wholeAccount, &u.receipt.Total}, {u.who.Device, &u.receipt.Device}} {
		t, err := u.tallied(ctx, of.device)
		if err != nil {
			return err
		}
		if *of.sum = t.Figures; t == u.tallies[of.device] {
			continue
		}
		if err := u.putTally(ctx, of.device, t); err != nil {
			return err
		}
	}
	return nil
}

// remember makes this upload the device's last.
func (u *upload) remember(ctx context.Context) error {
	receipt, err := json.Marshal(u.receipt)
	if err != nil {
		return err
	}
	_, err = u.tx.ExecContext(ctx, `UPDATE devices SET last_seq = ?, last_body = ?, last_receipt = ?, synced_at = ?,
		client = CASE WHEN ?5 = '' THEN client ELSE ?5 END, os = CASE WHEN ?6 = '' THEN os ELSE ?6 END
		WHERE user_id = ?7 AND id = ?8`,
		u.Seq, u.Body[:], string(receipt), u.At.Unix(), u.Client, u.OS, u.who.User, u.who.Device)
	return err
}
