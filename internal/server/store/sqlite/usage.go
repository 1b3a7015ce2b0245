package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// PutDays implements store.Days.
func (s *Store) PutDays(ctx context.Context, who store.Actor, up store.Upload) (store.Receipt, error) {
	var receipt store.Receipt
	err := s.as(ctx, who.User, func(tx *sql.Tx) error {
		u := upload{Upload: up, store: s, who: who, tx: tx, cells: up.Cells()}
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
	receipt store.Receipt
	first   map[store.Cell]int64 // when the device first told of the cells that it has
	rows    map[rowKey]storedRow // of the account, of the days whose standing the upload can change
	copied  []string             // days on which copies were found or are none any more
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
	var suspended bool
	err := u.tx.QueryRowContext(ctx, `SELECT d.last_seq, d.last_body, d.last_receipt, u.state = 2,
		NOT EXISTS (SELECT 1 FROM devices o WHERE o.user_id = u.id AND o.id <> d.id), EXISTS (SELECT 1 FROM holds h WHERE h.user_id = u.id)
		FROM devices d JOIN users u ON u.id = d.user_id WHERE d.user_id = ? AND d.id = ?`, u.who.User, u.who.Device).
		Scan(&last, &body, &receipt, &suspended, &u.alone, &u.holds)
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
	if len(u.cells) == 0 {
		return nil
	}
	if err := u.read(ctx); err != nil {
		return err
	}
	rest := make(map[rowKey]bool) // what the device has in the cells beside the upload
	for k := range u.rows {
		if k.device == u.who.Device && u.cells[store.Cell{Day: k.Date, Source: k.Source}] {
			rest[k] = true
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
		u.receipt.Written++
		if err := u.putRow(ctx, d); err != nil {
			return err
		}
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
	u.rows, u.first = make(map[rowKey]storedRow, len(all)), make(map[store.Cell]int64)
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

const putRow = `INSERT INTO usage_day (` + dayColumns + `, user_id, device_id, book, parser, first_seen_at)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT DO UPDATE SET requests = excluded.requests, input = excluded.input, cache_read = excluded.cache_read,
	cache_write_5m = excluded.cache_write_5m, cache_write_1h = excluded.cache_write_1h, output = excluded.output,
	reasoning = excluded.reasoning, cost_uusd = excluded.cost_uusd, priced = excluded.priced, parser = excluded.parser`

// putBook comes after putRow where the book is another: an index holds it.
const putBook = putRow + ", book = excluded.book"

func (u *upload) putRow(ctx context.Context, d usage.Day) error {
	t := d.Tokens
	d.Cost = paid(d)
	first, known := u.first[store.Cell{Day: d.Date, Source: d.Source}]
	if !known {
		first = u.At.Unix()
	}
	k := rowKey{u.who.Device, d.Key}
	was, there := u.rows[k]
	put := putRow
	if there && was.book != u.Book {
		put = putBook
	}
	_, err := u.tx.ExecContext(ctx, put, d.Date, d.Source, d.Model, d.Band, d.Tier, d.Requests, t.Input, t.CacheRead, t.CacheWrite5m,
		t.CacheWrite1h, t.Output, t.Reasoning, d.Cost, d.Priced, u.who.User, u.who.Device, u.Book, u.Parsers[d.Source], first)
	if there {
		first = was.First.Unix()
	}
	u.rows[k] = storedRow{store.Row{Device: u.who.Device, Parser: u.Parsers[d.Source], First: time.Unix(first, 0).UTC(), Day: d}, u.Book}
	return err
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
	}
	return nil
}

// sum fills the totals of the receipt.
func (u *upload) sum(ctx context.Context) error {
	var err error
	if u.receipt.Total, err = total(ctx, u.tx, u.who.User); err != nil {
		return err
	}
	if u.receipt.Device, err = deviceSum(ctx, u.tx, u.who.User, u.who.Device); err != nil {
		return err
	}
	today := u.At.UTC().Format(time.DateOnly)
	if u.receipt.Today, err = scanFigures(u.tx.QueryRowContext(ctx, "SELECT "+sums+" FROM user_day WHERE user_id = ? AND day = ?", u.who.User, today)); err != nil {
		return err
	}
	if u.who.Visibility == store.Public {
		if err := u.tx.QueryRowContext(ctx, `SELECT coalesce(sum(input + cache_read + cache_write_5m + cache_write_1h + output), 0)
			FROM user_day WHERE user_id = ? AND day BETWEEN ? AND ?`, u.who.User, today[:8]+"01", today[:8]+"31").Scan(&u.receipt.Month); err != nil {
			return err
		}
	}
	for _, d := range u.Days {
		if !d.Priced && d.Tokens.Total() > 0 && !slices.Contains(u.receipt.Unpriced, d.Model) {
			u.receipt.Unpriced = append(u.receipt.Unpriced, d.Model)
		}
	}
	slices.Sort(u.receipt.Unpriced)
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
