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
	Day    string       `json:"day"`
	Source string       `json:"source"`
	Print  *string      `json:"print"`
	Sketch store.Sketch `json:"sketch,omitempty"` // in base64
}

// placed is what put_copies reads.
type placed struct {
	Device   int64  `json:"device"`
	Day      string `json:"day"`
	Source   string `json:"source"`
	Original int64  `json:"original"`
	Share    int    `json:"share"`
}

// compare asks which parts of the account's history are on two of its devices. Only an account with several has any.
func (u *upload) compare(b *pgx.Batch) {
	if u.alone {
		if u.Print != nil {
			b.Queue("SELECT tf.put_prints($1, $2, $3)", u.who.Device, u.prints(), u.At.Unix())
		}
		return
	}
	b.Queue("SELECT device_id, coalesce(original_id, 0), day, source, coalesce(share, 0), released_at IS NOT NULL FROM tf.copies WHERE user_id = $1", u.who.User).
		Query(func(rows pgx.Rows) error {
			var err error
			u.overlap.Known, err = collect(rows, nil, func(r pgx.Rows, c *store.Copy) error {
				return r.Scan(&c.Device, &c.Original, &c.Day, &c.Source, &c.Share, &c.Released)
			})
			return err
		})
	if u.Print == nil {
		return
	}
	b.Queue("SELECT o_device, o_original, o_day, o_source FROM tf.compare($1, $2, $3)", u.who.Device, u.prints(), u.At.Unix()).Query(func(rows pgx.Rows) error {
		var err error
		u.overlap.Twins, err = collect(rows, nil, func(r pgx.Rows, t *store.Twin) error { return r.Scan(&t.Device, &t.Original, &t.Day, &t.Source) })
		return err
	})
	from, to := u.Span()
	b.Queue("SELECT device_id, day, source, sketch FROM tf.prints WHERE user_id = $1 AND day BETWEEN $2 AND $3 AND sketch IS NOT NULL", u.who.User, from, to).
		Query(func(rows pgx.Rows) error {
			var err error
			u.overlap.Parts, err = collect(rows, nil, func(r pgx.Rows, p *store.Sketched) error {
				return r.Scan(&p.Device, &p.Day, &p.Source, (*[]byte)(&p.Sketch))
			})
			return err
		})
}

// setCopies brings the account's copies up to what was compared, and returns those that wait.
func (u *upload) setCopies(ctx context.Context) (map[store.Place]bool, error) {
	o := &u.overlap
	waiting := make(map[store.Place]bool)
	if u.Print == nil {
		for _, c := range o.Known {
			waiting[c.Place()] = !c.Released
		}
		return waiting, nil
	}
	o.Named, o.Size = u.cells, u.sizes()
	copies := o.Copies()
	for place, c := range copies {
		waiting[place] = !c.Released
	}
	put, gone, days := o.Changes(copies)
	if len(put)+len(gone) == 0 {
		return waiting, nil
	}
	u.plain, u.copied = false, days
	_, err := u.tx.Exec(ctx, "SELECT tf.put_copies($1, $2, $3)", placesOf(put), placesOf(gone), u.At.Unix())
	return waiting, err
}

// sizes are how many tokens each device has in each cell.
func (u *upload) sizes() map[store.Place]int64 {
	sizes := make(map[store.Place]int64)
	for k, r := range u.rows {
		sizes[store.Place{Device: k.device, Cell: store.Cell{Day: k.Date, Source: k.Source}}] += r.Tokens.Total()
	}
	return sizes
}

func placesOf(copies []store.Copy) []placed {
	all := make([]placed, len(copies))
	for i, c := range copies {
		all[i] = placed{c.Device, c.Day, c.Source, c.Original, c.Share}
	}
	return all
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
			p.Print, p.Sketch = &text, u.Sketches[c]
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
