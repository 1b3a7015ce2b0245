package postgres

import (
	"context"
	"encoding/hex"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// copied holds of the rows of usage_day d that count already on another device.
const copied = `EXISTS (SELECT FROM tf.copies c WHERE c.user_id = d.user_id AND c.day = d.day AND c.source = d.source
	AND c.device_id = d.device_id AND c.released_at IS NULL)`

// print is what put_prints reads; without a print there is nothing in the cell.
type print struct {
	Day    string  `json:"day"`
	Source string  `json:"source"`
	Print  *string `json:"print"`
}

// twin is what set_copies reads.
type twin struct {
	Device int64  `json:"device"`
	Day    string `json:"day"`
	Source string `json:"source"`
}

// compare asks which parts of the account's history are on two of its devices. Only an account with several has any.
func (u *upload) compare(b *pgx.Batch) {
	if u.Print == nil {
		return
	}
	if u.alone {
		b.Queue("SELECT tf.put_prints($1, $2, $3)", u.who.Device, u.prints(), u.At.Unix())
		return
	}
	b.Queue("SELECT o_device, o_original, o_day, o_source FROM tf.compare($1, $2, $3)", u.who.Device, u.prints(), u.At.Unix()).Query(func(rows pgx.Rows) error {
		var err error
		u.twins, err = collect(rows, nil, func(r pgx.Rows, t *store.Twin) error { return r.Scan(&t.Device, &t.Original, &t.Day, &t.Source) })
		return err
	})
}

// setCopies makes exactly the twins of devices that share enough days the copies of the account.
func (u *upload) setCopies(ctx context.Context) error {
	if len(u.twins) == 0 {
		return nil
	}
	u.plain = false
	copies := []twin{}
	for t := range store.Copies(u.twins) {
		copies = append(copies, twin{t.Device, t.Day, t.Source})
	}
	rows, err := u.tx.Query(ctx, "SELECT tf.set_copies($1, $2)", copies, u.At.Unix())
	u.copied, err = collect(rows, err, func(r pgx.Rows, day *string) error { return r.Scan(day) })
	return err
}

// prints are of what the device now has in the upload's cells.
func (u *upload) prints() []print {
	left := make(map[store.Cell][]usage.Day)
	for k, r := range u.rows {
		if k.device == u.who.Device {
			c := store.Cell{Day: k.Date, Source: k.Source}
			left[c] = append(left[c], r.Day)
		}
	}
	all := []print{}
	for c := range u.cells {
		p := print{Day: c.Day, Source: c.Source}
		if hash := u.Print(left[c]); hash != (store.Hash{}) {
			text := hex.EncodeToString(hash[:])
			p.Print = &text
		}
		all = append(all, p)
	}
	return all
}

// standing asks what is true of the account as a whole.
func (u *upload) standing(b *pgx.Batch, seen *store.Review) {
	const past = ` FILTER (WHERE first_seen_at >= extract(epoch FROM (day::date + $2::int)::timestamp AT TIME ZONE 'UTC'))`
	b.Queue(`SELECT count(*), coalesce(array_agg(DISTINCT device_id), '{}'), count(DISTINCT day)`+past+`,
		coalesce(sum(input + cache_read + cache_write_5m + cache_write_1h + output)`+past+`, 0)::bigint
		FROM tf.usage_day WHERE user_id = $1`, u.who.User, 1+store.PastAfter).QueryRow(func(r pgx.Row) error {
		return r.Scan(&seen.Stored, &seen.Devices, &seen.Past.Days, &seen.Past.Tokens)
	})
	if u.Print != nil {
		b.Queue("SELECT o_day, o_source FROM tf.shared_cells($1, $2, $3)", seen.From, seen.To, store.MinShared).Query(func(rows pgx.Rows) error {
			var err error
			seen.Shared, err = collect(rows, nil, func(r pgx.Rows, c *store.Cell) error { return r.Scan(&c.Day, &c.Source) })
			return err
		})
	}
	b.Queue(`SELECT day, sum(input + cache_read + cache_write_5m + cache_write_1h + output)::bigint
		FROM tf.usage_day d WHERE user_id = $1 AND day >= $2 AND day < $3 AND NOT `+copied+` GROUP BY day ORDER BY day`,
		u.who.User, shift(seen.From, 1-store.RollingDays), seen.From).Query(func(rows pgx.Rows) error {
		var err error
		seen.Before, err = collect(rows, nil, func(r pgx.Rows, d *store.DayTotal) error { return r.Scan(&d.Day, &d.Tokens) })
		return err
	})
}
