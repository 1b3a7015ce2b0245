package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"slices"
	"sort"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// ready is an upload that was worked out before its turn, from what its account's last upload left: of the same days, where all its rows
// are already, with nothing that waits. In its turn it is looked whether the account is still so and whether others have its prints, and
// then it is written.
type ready struct {
	who     store.Actor
	up      *store.Upload
	was, is *recent
	receipt store.Receipt
	said    string   // the receipt, as it is kept
	rows    []int    // of is, that are written
	changed []string // days
	prints  []reprint
	owes    bool // days that were not owed
}

// reprint is a print that is written, or a sketch beside one.
type reprint struct {
	printed
	sketch []byte
	fresh  bool // the print is another than it was
}

// prepare works an upload out; nil: that has to be done in its turn.
func (s *Store) prepare(who store.Actor, up *store.Upload) *ready {
	was := s.recents.see(who.User)
	if was == nil || was.device != who.Device || up.Seq <= was.seq || up.Replace || len(up.Gone) > 0 || len(up.Days) == 0 || was.printed != (up.Print != nil) {
		return nil
	}
	if from, to := judged(up); from != was.from || to != was.to || owesEarlier(was.owed, up.At) {
		return nil
	}
	is := *was
	is.seq, is.synced, is.rows = up.Seq, second(up.At), slices.Clone(was.rows)
	r := &ready{who: who, up: up, was: was, is: &is, receipt: store.Receipt{SyncID: up.SyncID, Unpriced: unpriced(up)}}
	for _, step := range []func() bool{r.write, r.print, r.sum, r.judge, r.owe, r.say} {
		if !step() {
			return nil
		}
	}
	return r
}

// write brings the rows up to the upload.
func (r *ready) write() bool {
	ownBooks := false
	for i := range r.up.Days {
		d := &r.up.Days[i]
		at, there := r.find(d.Key)
		if !there {
			return false
		}
		row := &r.is.rows[at]
		if !supersedes(r.up, d, row) {
			r.receipt.Unchanged++
			continue
		}
		row.Parser, row.Requests, row.Tokens, row.Cost, row.Priced = r.up.Parsers[d.Source], d.Requests, d.Tokens, paid(*d), d.Priced
		if r.is.books[at] != r.up.Book {
			if !ownBooks {
				r.is.books, ownBooks = slices.Clone(r.is.books), true
			}
			r.is.books[at] = r.up.Book
		}
		r.rows = append(r.rows, at)
		if !slices.Contains(r.changed, row.Date) {
			r.changed = append(r.changed, row.Date)
		}
	}
	r.receipt.Written = len(r.rows)
	return true
}

// find returns where the row of a key is.
func (r *ready) find(k usage.Key) (at int, there bool) {
	wanted := store.Row{Device: r.who.Device, Day: usage.Day{Key: k}}
	return sort.Find(len(r.is.rows), func(i int) int { return compareRows(&wanted, &r.is.rows[i]) })
}

// print works out which prints are others now.
func (r *ready) print() bool {
	if r.up.Print == nil {
		return true
	}
	own := false
	for from := 0; from < len(r.is.rows); {
		c := store.Cell{Day: r.is.rows[from].Date, Source: r.is.rows[from].Source}
		to := from
		for to < len(r.is.rows) && r.is.rows[to].Date == c.Day && r.is.rows[to].Source == c.Source {
			to++
		}
		rows := r.is.rows[from:to]
		from = to
		if !r.names(c) {
			continue
		}
		at := slices.IndexFunc(r.is.prints, func(p printed) bool { return p.Cell == c })
		if at < 0 {
			return false
		}
		was, sketch := r.is.prints[at], r.up.Sketches[c]
		p := reprint{printed{c, r.up.Print(daysOf(rows)), sketch != nil}, sketch, false}
		if p.fresh = p.print != was.print; !p.fresh && !p.sketched && !was.sketched {
			continue
		}
		if p.print == (store.Hash{}) || p.fresh && !slices.Contains(r.changed, c.Day) { // what waits for its index is owed
			return false
		}
		if !own {
			r.is.prints, own = slices.Clone(r.is.prints), true
		}
		r.is.prints[at] = p.printed
		r.prints = append(r.prints, p)
	}
	return true
}

// names reports whether the upload names a cell.
func (r *ready) names(c store.Cell) bool {
	return slices.ContainsFunc(r.up.Days, func(d usage.Day) bool { return d.Date == c.Day && d.Source == c.Source })
}

func daysOf(rows []store.Row) []usage.Day {
	days := make([]usage.Day, len(rows))
	for i := range rows {
		days[i] = rows[i].Day
	}
	return days
}

// sum works out what the account has in all, today and this month.
func (r *ready) sum() bool {
	r.is.within = store.AddUp(each(r.is.rows))
	var known bool
	if r.is.whole, known = r.was.whole.Moved(r.was.within, r.is.within); !known {
		return false
	}
	r.receipt.Total, r.receipt.Device = r.is.whole.Figures, r.is.whole.Figures
	today := r.up.At.UTC().Format(time.DateOnly)
	if today < r.is.from || r.is.to < today {
		return false
	}
	r.receipt.Today = figures(today, each(r.is.rows))
	if r.who.Visibility != store.Public {
		return true
	}
	month, known := monthTokens(today, r.is.from, r.is.to, r.is.earlier, each(r.is.rows))
	r.receipt.Month = month
	return known
}

// judge reports whether nothing has to wait, as far as no other account is asked.
func (r *ready) judge() bool {
	seen := store.Review{From: r.is.from, To: r.is.to, Rows: r.is.rows, Before: r.is.earlier, Stored: r.is.whole.Rows, Past: r.is.whole.Past}
	if seen.Stored > 0 {
		seen.Devices = []int64{r.who.Device}
	}
	holds, err := r.up.Judge(seen)
	return err == nil && len(holds) == 0
}

// owe adds the days whose lines wait from now on.
func (r *ready) owe() bool {
	r.is.owed, r.owes = r.was.owed.with(r.changed, r.up.At)
	return true
}

func (r *ready) say() bool {
	said, err := json.Marshal(r.receipt)
	r.said = string(said)
	return err == nil
}

// stands reports whether the account is as the upload was worked out from, and nobody else has one of its prints.
func (r *ready) stands(ctx context.Context, s *Store, c *compiling) (bool, error) {
	if s.recents.see(r.who.User) != r.was || !s.named.all(r.up.Families) {
		return false, nil
	}
	for i := range r.is.prints {
		if s.pending.another(r.who.User, r.is.prints[i].print) {
			return false, nil
		}
		other, err := c.any(ctx, "SELECT 1 FROM prints WHERE print = ? AND pending = 0 AND user_id <> ? LIMIT 1", r.is.prints[i].print[:], r.who.User)
		if other || err != nil {
			return false, err
		}
	}
	return true, nil
}

// put writes the upload as its account. What of it fails leaves what was written before, for the transaction to take back: no statement keeps
// what it would take to undo it.
func (r *ready) put(ctx context.Context, s *Store, c *compiling) error {
	s.recents.take(r.who.User)
	steps := [...]func(context.Context, *Store, *compiling) error{r.enter, r.putRows, r.putPrints, r.putTally, r.putDebt, r.putDevice, leave}
	for _, step := range steps {
		if err := step(ctx, s, c); err != nil {
			return err
		}
	}
	return nil
}

func (r *ready) enter(ctx context.Context, _ *Store, c *compiling) error {
	return c.run(ctx, "UPDATE ctx SET uid = ?", r.who.User)
}

func leave(ctx context.Context, _ *Store, c *compiling) error {
	return c.run(ctx, "UPDATE ctx SET uid = NULL")
}

func (r *ready) putRows(ctx context.Context, _ *Store, c *compiling) error {
	values := make([]driver.Value, 0, rowArgs+2)
	for _, at := range r.rows {
		var query string
		query, values = updateRow(values[:0], r.who.User, &r.was.rows[at], &r.is.rows[at], r.was.books[at], r.is.books[at])
		if err := c.run(ctx, query, values...); err != nil {
			return err
		}
	}
	return nil
}

func (r *ready) putPrints(ctx context.Context, s *Store, c *compiling) error {
	for i := range r.prints {
		p := &r.prints[i]
		var sketch driver.Value
		if p.sketched {
			sketch = p.sketch
		}
		var err error
		if p.fresh {
			err = c.run(ctx, `UPDATE OR FAIL prints SET print = ?, sketch = ?, first_seen_at = ?, pending = 1
				WHERE user_id = ? AND day = ? AND source = ? AND device_id = ?`, p.print[:], sketch, r.up.At.Unix(), r.who.User, p.Day, p.Source, r.who.Device)
			s.pending.set(r.who.User, store.Place{Device: r.who.Device, Cell: p.Cell}, p.print)
		} else {
			err = c.run(ctx, "UPDATE OR FAIL prints SET sketch = ? WHERE user_id = ? AND day = ? AND source = ? AND device_id = ?",
				sketch, r.who.User, p.Day, p.Source, r.who.Device)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *ready) putTally(ctx context.Context, _ *Store, c *compiling) error {
	if r.is.whole == r.was.whole {
		return nil
	}
	return c.run(ctx, updateTally, tallyValues(&r.is.whole, r.who.User, wholeAccount)...)
}

func (r *ready) putDebt(ctx context.Context, _ *Store, c *compiling) error {
	if !r.owes {
		return nil
	}
	return c.run(ctx, putDue, r.is.owed.values(r.who.User, restUntil(r.was.synced, r.up.At))...)
}

func (r *ready) putDevice(ctx context.Context, _ *Store, c *compiling) error {
	return c.run(ctx, updateDevice, r.up.Seq, r.up.Body[:], r.said, r.up.At.Unix(), r.up.Client, r.up.OS, r.who.User, r.who.Device)
}
