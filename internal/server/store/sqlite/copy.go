package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// copied holds of the rows of usage_day d that count already on another device.
const copied = `EXISTS (SELECT 1 FROM copies c WHERE c.user_id = d.user_id AND c.day = d.day AND c.source = d.source
	AND c.device_id = d.device_id AND c.released_at IS NULL)`

// compare finds which parts of the account's history are on two of its devices.
func (u *upload) compare(ctx context.Context) error {
	if u.Print == nil || len(u.cells) == 0 {
		return nil
	}
	left := make(map[store.Cell][]usage.Day)
	for k, r := range u.rows {
		if c := (store.Cell{Day: k.Date, Source: k.Source}); k.device == u.who.Device && u.cells[c] {
			left[c] = append(left[c], r.Day)
		}
	}
	if err := u.print(ctx, left); err != nil {
		return err
	}
	if u.alone {
		return nil
	}
	o, err := u.overlap(ctx)
	if err != nil {
		return err
	}
	return u.setCopies(ctx, o)
}

// addPrints are statements that note prints and sketches of so many cells of a device that have none.
var addPrints = func() (all [len(putSizes)]string) {
	for i, n := range putSizes {
		all[i] = "INSERT INTO prints (user_id, device_id, first_seen_at, day, source, print, sketch) VALUES (?, ?, ?, ?, ?, ?, ?)" +
			strings.Repeat(", (?1, ?2, ?3, ?, ?, ?, ?)", n-1) + " ON CONFLICT DO NOTHING"
	}
	return all
}()

// print notes what the device now has in each cell that the upload names.
func (u *upload) print(ctx context.Context, left map[store.Cell][]usage.Day) error {
	const each = 4
	args := make([]any, shared, shared+each*len(u.cells))
	for c := range u.cells {
		print := u.Print(left[c])
		if print == (store.Hash{}) {
			if _, err := u.tx.ExecContext(ctx, "DELETE FROM prints WHERE user_id = ? AND day = ? AND source = ? AND device_id = ?", u.who.User, c.Day, c.Source, u.who.Device); err != nil {
				return err
			}
			continue
		}
		var sketch any
		if s := u.Sketches[c]; s != nil {
			sketch = []byte(s)
		}
		if _, told := u.first[c]; told { // the cell has had rows, and so most likely a print
			err := touched(u.tx.ExecContext(ctx, `UPDATE prints SET print = ?1, sketch = ?2, first_seen_at = CASE WHEN print = ?1 THEN first_seen_at ELSE ?3 END,
				pending = CASE WHEN print = ?1 THEN pending ELSE ?8 END
				WHERE user_id = ?4 AND day = ?5 AND source = ?6 AND device_id = ?7 AND (print <> ?1 OR sketch IS NOT ?2)`,
				print[:], sketch, u.At.Unix(), u.who.User, c.Day, c.Source, u.who.Device, u.changed[c.Day]))
			if err == nil && u.changed[c.Day] { // the account is about to be in due
				u.store.pending.set(u.who.User, store.Place{Device: u.who.Device, Cell: c}, print)
			}
			if !errors.Is(err, store.ErrNotFound) {
				if err != nil {
					return err
				}
				continue
			}
		}
		args = append(args, c.Day, c.Source, print[:], sketch)
	}
	return u.many(ctx, addPrints, each, args, u.who.User, u.who.Device, u.At.Unix())
}

// overlap reads what the account's devices have in common.
func (u *upload) overlap(ctx context.Context) (store.Overlap, error) {
	o := store.Overlap{Named: u.cells, Size: make(map[store.Place]int64)}
	for k, r := range u.rows {
		o.Size[store.Place{Device: k.device, Cell: store.Cell{Day: k.Date, Source: k.Source}}] += r.Tokens.Total()
	}
	rows, err := u.tx.QueryContext(ctx, `SELECT p.device_id, q.device_id, p.day, p.source FROM prints p
		JOIN prints q ON q.user_id = p.user_id AND q.day = p.day AND q.source = p.source AND q.print = p.print AND q.device_id < p.device_id
		WHERE p.user_id = ? AND (p.sketch IS NULL OR q.sketch IS NULL)`, u.who.User)
	o.Twins, err = collect(rows, err, func(r *sql.Rows, t *store.Twin) error { return r.Scan(&t.Device, &t.Original, &t.Day, &t.Source) })
	if err != nil {
		return o, err
	}
	from, to := u.Span()
	rows, err = u.tx.QueryContext(ctx, "SELECT device_id, day, source, sketch FROM prints WHERE user_id = ? AND day BETWEEN ? AND ? AND sketch IS NOT NULL", u.who.User, from, to)
	o.Parts, err = collect(rows, err, func(r *sql.Rows, p *store.Sketched) error {
		return r.Scan(&p.Device, &p.Day, &p.Source, (*[]byte)(&p.Sketch))
	})
	if err != nil {
		return o, err
	}
	rows, err = u.tx.QueryContext(ctx, "SELECT device_id, coalesce(original_id, 0), day, source, coalesce(share, 0), released_at IS NOT NULL FROM copies WHERE user_id = ?", u.who.User)
	o.Known, err = collect(rows, err, func(r *sql.Rows, c *store.Copy) error {
		return r.Scan(&c.Device, &c.Original, &c.Day, &c.Source, &c.Share, &c.Released)
	})
	return o, err
}

// setCopies brings the account's copies up to what was compared. What was released stays released.
func (u *upload) setCopies(ctx context.Context, o store.Overlap) error {
	put, gone, days := o.Changes(o.Copies())
	u.plain, u.copied = u.plain && len(put) == 0, days
	for _, c := range gone {
		_, err := u.tx.ExecContext(ctx, "DELETE FROM copies WHERE user_id = ? AND day = ? AND source = ? AND device_id = ?", u.who.User, c.Day, c.Source, c.Device)
		if err != nil {
			return err
		}
	}
	for _, c := range put {
		_, err := u.tx.ExecContext(ctx, `INSERT INTO copies (user_id, device_id, day, source, found_at, original_id, share) VALUES (?, ?, ?, ?, ?, ?, nullif(?, 0))
			ON CONFLICT DO UPDATE SET original_id = excluded.original_id, share = excluded.share`,
			u.who.User, c.Device, c.Day, c.Source, u.At.Unix(), c.Original, c.Share)
		if err != nil {
			return err
		}
	}
	return nil
}

// shared returns the account's cells of the days that somebody else sent first, if they share enough days. Most people share
// none of these days, and then nobody's history is looked through.
func (u *upload) shared(ctx context.Context, from, to string) ([]store.Cell, error) {
	const (
		earlier = "q.user_id <> p.user_id AND (q.first_seen_at, q.user_id) < (p.first_seen_at, p.user_id)"
		same    = "FROM prints p JOIN prints q ON q.print = p.print AND q.pending = 0 AND " + earlier + " WHERE p.user_id = ?1"
	)
	var some bool
	err := u.tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 "+same+" AND p.day BETWEEN ?2 AND ?3)", u.who.User, from, to).Scan(&some)
	if err != nil {
		return nil, err
	}
	if u.prints, err = u.printsOf(ctx, from, to); err != nil {
		return nil, err
	}
	if !some && len(u.pendingOthers(u.prints)) == 0 {
		return nil, nil
	}
	all, err := u.printsOf(ctx, store.Always.From, store.Always.To)
	if err != nil {
		return nil, err
	}
	waiting, err := json.Marshal(u.pendingOthers(all))
	if err != nil {
		return nil, err
	}
	rows, err := u.tx.QueryContext(ctx, `WITH same AS (SELECT q.user_id AS other, p.day, p.source `+same+`
			UNION ALL SELECT q.user_id, p.day, p.source FROM json_each(?5) w CROSS JOIN prints p CROSS JOIN prints q ON q.user_id = w.value AND q.day = p.day
				AND q.source = p.source AND q.print = p.print AND q.pending = 1 AND `+earlier+` WHERE p.user_id = ?1),
		much AS (SELECT other FROM same GROUP BY other HAVING count(DISTINCT day) >= ?4)
		SELECT DISTINCT day, source FROM same WHERE other IN (SELECT other FROM much) AND day BETWEEN ?2 AND ?3`, u.who.User, from, to, store.MinShared, string(waiting))
	return collect(rows, err, func(r *sql.Rows, c *store.Cell) error { return r.Scan(&c.Day, &c.Source) })
}

// printsOf reads the account's prints of some days.
func (u *upload) printsOf(ctx context.Context, from, to string) ([]printed, error) {
	rows, err := u.tx.QueryContext(ctx, "SELECT day, source, print, sketch IS NOT NULL FROM prints WHERE user_id = ? AND day BETWEEN ? AND ?", u.who.User, from, to)
	return collect(rows, err, func(r *sql.Rows, p *printed) error {
		var b sql.RawBytes
		err := r.Scan(&p.Day, &p.Source, &b, &p.sketched)
		copy(p.print[:], b)
		return err
	})
}

// pendingOthers returns who else may have one of the prints that is not in the index yet.
func (u *upload) pendingOthers(prints []printed) []int64 {
	all := []int64{}
	for _, p := range prints {
		for _, other := range u.store.pending.by[p.print] {
			if other != u.who.User && !slices.Contains(all, other) {
				all = append(all, other)
			}
		}
	}
	return all
}

// standing fills in what is true of the account as a whole.
func (u *upload) standing(ctx context.Context, seen *store.Review) error {
	t, err := u.tally(ctx, wholeAccount)
	if err != nil {
		return err
	}
	u.whole = &t
	seen.Stored, seen.Past = t.Rows, t.Past
	if u.alone && seen.Stored > 0 {
		seen.Devices = []int64{u.who.Device}
	} else {
		rows, err := u.tx.QueryContext(ctx, "SELECT DISTINCT device_id FROM usage_day WHERE user_id = ? ORDER BY 1", u.who.User)
		if seen.Devices, err = collect(rows, err, func(r *sql.Rows, id *int64) error { return r.Scan(id) }); err != nil {
			return err
		}
	}
	if u.Print != nil {
		seen.Shared, err = u.shared(ctx, seen.From, seen.To)
	}
	return err
}
