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
		old, err := admit(ctx, tx, who, up)
		if err != nil || old != nil {
			if old != nil {
				receipt = *old
			}
			return err
		}
		u := upload{Upload: up, who: who, tx: tx}
		receipt, err = u.put(ctx)
		return err
	})
	return receipt, err
}

// admit checks that the upload is the device's next. It returns the old receipt if it is the device's last once more.
func admit(ctx context.Context, tx *sql.Tx, who store.Actor, up store.Upload) (*store.Receipt, error) {
	var last int64
	var body []byte
	var receipt sql.NullString
	var suspended bool
	err := tx.QueryRowContext(ctx, `SELECT d.last_seq, d.last_body, d.last_receipt, u.state = 2
		FROM devices d JOIN users u ON u.id = d.user_id WHERE d.user_id = ? AND d.id = ?`, who.User, who.Device).
		Scan(&last, &body, &receipt, &suspended)
	switch {
	case err != nil:
		return nil, notFound(err)
	case suspended:
		return nil, store.ErrSuspended
	case up.Seq > last:
		return nil, nil
	case up.Seq < last || !slices.Equal(body, up.Body[:]) || !receipt.Valid:
		return nil, &store.ErrStale{Last: last}
	}
	old := store.Receipt{Replayed: true}
	return &old, json.Unmarshal([]byte(receipt.String), &old)
}

// upload is one upload on its way into the tables.
type upload struct {
	store.Upload
	who     store.Actor
	tx      *sql.Tx
	receipt store.Receipt
	first   map[store.Cell]int64 // when the device first told of the cells that it has
	copied  []string             // days on which copies were found or are none any more
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
	stored, err := u.stored(ctx)
	if err != nil {
		return err
	}
	put, err := u.tx.PrepareContext(ctx, putRow)
	if err != nil {
		return err
	}
	defer put.Close()
	for _, d := range u.Days {
		old, known := stored[d.Key]
		delete(stored, d.Key)
		if known && !u.supersedes(d, old) {
			u.receipt.Unchanged++
			continue
		}
		u.receipt.Written++
		if err := u.putRow(ctx, put, d); err != nil {
			return err
		}
	}
	return u.remove(ctx, stored)
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

// stored returns the device's rows of the cells that the upload names.
func (u *upload) stored(ctx context.Context) (map[usage.Key]store.Row, error) {
	stored := make(map[usage.Key]store.Row)
	u.first = make(map[store.Cell]int64)
	get, err := u.tx.PrepareContext(ctx, "SELECT "+rowColumns+" FROM usage_day WHERE user_id = ? AND day = ? AND source = ? AND device_id = ?")
	if err != nil {
		return nil, err
	}
	defer get.Close()
	for c := range u.Cells() {
		rows, err := get.QueryContext(ctx, u.who.User, c.Day, c.Source, u.who.Device)
		had, err := collect(rows, err, scanWhole)
		if err != nil {
			return nil, err
		}
		for _, r := range had {
			stored[r.Key] = r
			if first, known := u.first[c]; !known || r.First.Unix() < first {
				u.first[c] = r.First.Unix()
			}
		}
	}
	return stored, nil
}

const dayColumns = `day, source, model, band, tier, requests, input, cache_read, cache_write_5m, cache_write_1h,
	output, reasoning, cost_uusd, priced`

func scanDay(r *sql.Rows, d *usage.Day) error {
	t := &d.Tokens
	return r.Scan(&d.Date, &d.Source, &d.Model, &d.Band, &d.Tier, &d.Requests, &t.Input, &t.CacheRead, &t.CacheWrite5m,
		&t.CacheWrite1h, &t.Output, &t.Reasoning, &d.Cost, &d.Priced)
}

// rowColumns are what scanWhole reads.
const rowColumns = dayColumns + ", device_id, parser, first_seen_at"

func scanWhole(r *sql.Rows, row *store.Row) error {
	t := &row.Tokens
	var first int64
	err := r.Scan(&row.Date, &row.Source, &row.Model, &row.Band, &row.Tier, &row.Requests, &t.Input, &t.CacheRead, &t.CacheWrite5m,
		&t.CacheWrite1h, &t.Output, &t.Reasoning, &row.Cost, &row.Priced, &row.Device, &row.Parser, &first)
	row.First = time.Unix(first, 0).UTC()
	return err
}

const putRow = `INSERT INTO usage_day (` + dayColumns + `, user_id, device_id, book, parser, first_seen_at)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT DO UPDATE SET requests = excluded.requests, input = excluded.input, cache_read = excluded.cache_read,
	cache_write_5m = excluded.cache_write_5m, cache_write_1h = excluded.cache_write_1h, output = excluded.output,
	reasoning = excluded.reasoning, cost_uusd = excluded.cost_uusd, priced = excluded.priced, book = excluded.book, parser = excluded.parser`

func (u *upload) putRow(ctx context.Context, put *sql.Stmt, d usage.Day) error {
	t := d.Tokens
	first, known := u.first[store.Cell{Day: d.Date, Source: d.Source}]
	if !known {
		first = u.At.Unix()
	}
	_, err := put.ExecContext(ctx, d.Date, d.Source, d.Model, d.Band, d.Tier, d.Requests, t.Input, t.CacheRead, t.CacheWrite5m,
		t.CacheWrite1h, t.Output, t.Reasoning, paid(d), d.Priced, u.who.User, u.who.Device, u.Book, u.Parsers[d.Source], first)
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
func (u *upload) remove(ctx context.Context, rest map[usage.Key]store.Row) error {
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
