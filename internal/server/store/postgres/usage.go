package postgres

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// PutDays implements store.Days. Its transaction holds the account's row from the first door on, so what the judge
// sees is what is rolled up.
func (s *Store) PutDays(ctx context.Context, who store.Actor, up store.Upload) (store.Receipt, error) {
	var receipt store.Receipt
	err := s.as(ctx, who, up.At, func(tx pgx.Tx) error {
		old, err := admit(ctx, tx, who.Device, up)
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
func admit(ctx context.Context, tx pgx.Tx, device int64, up store.Upload) (*store.Receipt, error) {
	var last int64
	var body []byte
	var receipt *string
	err := tx.QueryRow(ctx, "SELECT o_seq, o_body, o_receipt FROM tf.admit($1)", device).Scan(&last, &body, &receipt)
	switch {
	case err != nil:
		return nil, err
	case up.Seq > last:
		return nil, nil
	case up.Seq < last || !slices.Equal(body, up.Body[:]) || receipt == nil:
		return nil, &store.ErrStale{Last: last}
	}
	old := store.Receipt{Replayed: true}
	return &old, json.Unmarshal([]byte(*receipt), &old)
}

// upload is one upload on its way through the doors.
type upload struct {
	store.Upload
	who     store.Actor
	tx      pgx.Tx
	receipt store.Receipt
	left    map[store.Cell][]usage.Day // what the device then has in the upload's cells
	copied  []string                   // days on which copies were found or are none any more
}

// keep notes a row that the device has when the upload is written.
func (u *upload) keep(d usage.Day) {
	c := store.Cell{Day: d.Date, Source: d.Source}
	u.left[c] = append(u.left[c], d)
}

func (u *upload) put(ctx context.Context) (store.Receipt, error) {
	u.receipt.SyncID = u.SyncID
	for _, step := range []func(context.Context) error{u.write, u.compare, u.review, u.rollUp, u.sum, u.remember} {
		if err := step(ctx); err != nil {
			return store.Receipt{}, err
		}
	}
	return u.receipt, nil
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

// write brings the device's rows up to the upload.
func (u *upload) write(ctx context.Context) error {
	stored, err := u.stored(ctx)
	if err != nil {
		return err
	}
	rows, gone := []row{}, []row{}
	u.left = make(map[store.Cell][]usage.Day)
	for _, d := range u.Days {
		old, known := stored[d.Key]
		delete(stored, d.Key)
		if known && !u.supersedes(d, old) {
			u.receipt.Unchanged++
			u.keep(old.Day)
			continue
		}
		u.keep(d)
		r := rowOf(d)
		r.Parser = u.Parsers[d.Source]
		rows = append(rows, r)
	}
	for k, rest := range stored {
		if u.Replace || slices.Contains(u.Gone, store.Cell{Day: k.Date, Source: k.Source}) {
			gone = append(gone, rowOf(usage.Day{Key: k}))
			continue
		}
		u.keep(rest.Day)
	}
	u.receipt.Written = len(rows) + len(gone)
	_, err = u.tx.Exec(ctx, "SELECT tf.put_rows($1, $2, $3, $4, $5)", u.who.Device, rows, gone, u.Book, u.At.Unix())
	return err
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
	days, sources := u.named()
	rows, err := u.tx.Query(ctx, "SELECT "+rowColumns+` FROM tf.usage_day WHERE user_id = $1 AND device_id = $2
		AND (day, source) IN (SELECT * FROM unnest($3::text[], $4::text[]))`, u.who.User, u.who.Device, days, sources)
	all, err := collect(rows, err, scanWhole)
	stored := make(map[usage.Key]store.Row, len(all))
	for _, r := range all {
		stored[r.Key] = r
	}
	return stored, err
}

// named are the cells of the upload, the nth of one list with the nth of the other.
func (u *upload) named() (days, sources []string) {
	for c := range u.Cells() {
		days, sources = append(days, c.Day), append(sources, c.Source)
	}
	return days, sources
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
	u.receipt.Today, err = scanFigures(u.tx.QueryRow(ctx, "SELECT "+sums+" FROM tf.user_day WHERE user_id = $1 AND day = $2", u.who.User, today))
	if err == nil && u.who.Visibility == store.Public {
		err = u.tx.QueryRow(ctx, `SELECT coalesce(sum(input + cache_read + cache_write_5m + cache_write_1h + output), 0)::bigint
			FROM tf.user_day WHERE user_id = $1 AND day BETWEEN $2 AND $3`, u.who.User, today[:8]+"01", today[:8]+"31").Scan(&u.receipt.Month)
	}
	for _, d := range u.Days {
		if !d.Priced && d.Tokens.Total() > 0 && !slices.Contains(u.receipt.Unpriced, d.Model) {
			u.receipt.Unpriced = append(u.receipt.Unpriced, d.Model)
		}
	}
	slices.Sort(u.receipt.Unpriced)
	return err
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
