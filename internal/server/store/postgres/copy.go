package postgres

import (
	"context"
	"encoding/hex"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
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

// compare finds which parts of the account's history are on two of its devices.
func (u *upload) compare(ctx context.Context) error {
	if u.Print == nil || len(u.Cells()) == 0 {
		return nil
	}
	rows, err := u.tx.Query(ctx, "SELECT o_device, o_original, o_day, o_source FROM tf.compare($1, $2, $3)", u.who.Device, u.prints(), u.At.Unix())
	twins, err := collect(rows, err, func(r pgx.Rows, t *store.Twin) error { return r.Scan(&t.Device, &t.Original, &t.Day, &t.Source) })
	if err != nil || len(twins) == 0 {
		return err
	}
	copies := []twin{}
	for t := range store.Copies(twins) {
		copies = append(copies, twin{t.Device, t.Day, t.Source})
	}
	rows, err = u.tx.Query(ctx, "SELECT tf.set_copies($1, $2)", copies, u.At.Unix())
	u.copied, err = collect(rows, err, func(r pgx.Rows, day *string) error { return r.Scan(day) })
	return err
}

// prints are of what the device now has in the upload's cells.
func (u *upload) prints() []print {
	var all []print
	for c := range u.Cells() {
		p := print{Day: c.Day, Source: c.Source}
		if hash := u.Print(u.left[c]); hash != (store.Hash{}) {
			text := hex.EncodeToString(hash[:])
			p.Print = &text
		}
		all = append(all, p)
	}
	return all
}

// standing fills in what is true of the account as a whole.
func (u *upload) standing(ctx context.Context, seen *store.Review) error {
	const past = ` FILTER (WHERE first_seen_at >= extract(epoch FROM (day::date + $2::int)::timestamp AT TIME ZONE 'UTC'))`
	err := u.tx.QueryRow(ctx, `SELECT count(*), coalesce(array_agg(DISTINCT device_id), '{}'), count(DISTINCT day)`+past+`,
		coalesce(sum(input + cache_read + cache_write_5m + cache_write_1h + output)`+past+`, 0)::bigint
		FROM tf.usage_day WHERE user_id = $1`, u.who.User, 1+store.PastAfter).Scan(&seen.Stored, &seen.Devices, &seen.Past.Days, &seen.Past.Tokens)
	if err != nil || u.Print == nil {
		return err
	}
	rows, err := u.tx.Query(ctx, "SELECT o_day, o_source FROM tf.shared_cells($1, $2, $3)", seen.From, seen.To, store.MinShared)
	seen.Shared, err = collect(rows, err, func(r pgx.Rows, c *store.Cell) error { return r.Scan(&c.Day, &c.Source) })
	return err
}
