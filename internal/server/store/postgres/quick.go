package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// errShared is that somebody else has one of the upload's prints.
var errShared = errors.New("somebody else sent a cell that is the same")

// opened is what an upload meets.
type opened struct {
	user, last int64
	days       *string // whose lines wait
	over       *int    // the quota that has no room
	until      *int64  // which is whole then
	body       []byte
	receipt    *string
}

// limited says how long to wait for the quota that has no room.
func (o *opened) limited(up store.Upload) error {
	i := *o.over - 1
	c := up.Charges[i]
	var until int64
	if o.until != nil {
		until = *o.until
	}
	_, a := c.Allow(until, c.N, up.At)
	if a.Wait == 0 { // it filled up between the two statements
		a.Wait = c.Every
	}
	return &store.ErrLimited{Charge: i, Wait: a.Wait}
}

// open enters, counts what the upload counts against, and reads what it meets, by one door.
func (u *upload) open(b *pgx.Batch, o *opened) {
	keys, every, burst, n := u.charges()
	var last *int64
	var alone, plain *bool
	var sums, tokens, byDevice, devices []int64
	var first, near *string
	var days, partDays, partSources []string
	var sketches [][]byte
	from, until := u.Span()
	if u.quick {
		day := shift(from, 1-store.RollingDays)
		near = &day
	}
	b.Queue(`SELECT o_user, o_over, o_until, o_seq, o_body, o_receipt, o_alone, o_plain, o_days, o_sums, o_first_day, o_near_days, o_near_tokens,
		o_by_device, o_part_device, o_part_day, o_part_source, o_part_sketch FROM tf.open_upload($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		u.who.Key[:], u.who.Device, u.At.Unix(), keys, every, burst, n, u.At.UnixNano(), 1+store.PastAfter, near, from, until).QueryRow(func(r pgx.Row) error {
		err := r.Scan(&o.user, &o.over, &o.until, &last, &o.body, &o.receipt, &alone, &plain, &o.days, &sums, &first, &days, &tokens,
			&byDevice, &devices, &partDays, &partSources, &sketches)
		if err != nil || o.over != nil {
			return err
		}
		o.last, u.alone, u.plain, u.owed = *last, *alone, *plain, strings.Fields(*o.days)
		if u.quick = u.quick && sums != nil; u.quick {
			u.had = sumsOf(sums, *first)
		}
		for i, day := range days {
			u.earlier = append(u.earlier, store.DayTotal{Day: day, Tokens: tokens[i]})
		}
		u.byDevice = figuresOf(byDevice)
		for i, device := range devices {
			u.parts = append(u.parts, store.Sketched{Place: store.Place{Device: device, Cell: store.Cell{Day: partDays[i], Source: partSources[i]}}, Sketch: sketches[i]})
		}
		return nil
	})
}

// sumsOf are as open_upload tells them, and values as put_upload takes them: in one order.
func sumsOf(v []int64, first string) store.Tally {
	t := store.Tally{Rows: v[0], Past: store.Past{Days: v[1], Tokens: v[2]}}
	t.Requests, t.Cost, t.Unpriced, t.ActiveDays, t.First = v[3], usage.Money(v[10]), v[11], int(v[12]), first
	t.Tokens = usage.Tokens{Input: v[4], CacheRead: v[5], CacheWrite5m: v[6], CacheWrite1h: v[7], Output: v[8], Reasoning: v[9]}
	return t
}

func values(s store.Tally) []int64 {
	t := s.Tokens
	return []int64{s.Rows, s.Past.Days, s.Past.Tokens, s.Requests, t.Input, t.CacheRead, t.CacheWrite5m, t.CacheWrite1h, t.Output, t.Reasoning, int64(s.Cost),
		s.Unpriced, int64(s.ActiveDays)}
}

// sumRows is what the rows that were read add up to, with what the upload has changed in them by now: those of one device, or all.
func (u *upload) sumRows(device int64) store.Tally {
	return store.AddUp(func(yield func(*store.Row) bool) {
		for k, r := range u.rows {
			if (device == 0 || k.device == device) && !yield(&r) {
				return
			}
		}
	})
}

// put is what one door writes of an upload that the judge has passed.
type put struct {
	cellPrints
	all, sums store.Tally // of the account and of the rows, after the upload
	receipt   []byte
}

// atOnce makes what one door writes of the upload, if nothing of the account waits or ever did, no device has what another has, and the
// judge finds nothing. Otherwise it is nil.
func (u *upload) atOnce(puts, gone []row) (*put, error) {
	today := u.At.UTC().Format(time.DateOnly)
	if !u.quick || !u.plain || len(gone) > 0 || !u.covers(today) {
		return nil, nil
	}
	p := &put{sums: u.sumRows(0)}
	if !p.cellPrints.of(u) || u.overlaps() {
		return nil, nil
	}
	p.all, _ = u.had.Moved(u.before, p.sums) // no row went
	own := u.ownSums()
	if verdict, err := u.Judge(u.seen(p.all)); err != nil || len(verdict) > 0 {
		return nil, err
	}
	u.receipt.Written = len(puts)
	u.sumUp(today, p.all)
	if !u.alone {
		u.receipt.Device = own
	}
	var err error
	p.receipt, err = json.Marshal(u.receipt)
	return p, err
}

// columns are the rows as put_upload takes them.
func (u *upload) columns(puts []row) *columns {
	c := &columns{}
	for _, there := range []bool{true, false} { // those that are there first
		for _, r := range puts {
			if r.known == there {
				c.add(r, u.rows[rowKey{u.who.Device, usage.Key{Date: r.Day, Source: r.Source, Model: r.Model, Band: r.Band, Tier: r.Tier}}].First)
			}
		}
	}
	return c
}

// putAtOnce takes the upload in by one door, if it can go that way, and reports whether it did.
func (u *upload) putAtOnce(ctx context.Context, puts, gone []row) (done bool, err error) {
	p, err := u.atOnce(puts, gone)
	if p == nil || err != nil {
		return false, err
	}
	waiting := slices.DeleteFunc(slices.Collect(maps.Keys(u.changed)), func(day string) bool { return slices.Contains(u.owed, day) })
	args := append([]any{u.who.Device}, u.columns(puts).args()...)
	args = append(args, u.Book, values(p.all), p.all.First, u.deviceValues())
	args = append(args, u.rest(p, u.Families, waiting)...)
	b := &pgx.Batch{}
	b.Queue(putUpload, args...).QueryRow(func(r pgx.Row) error { return r.Scan(&done) })
	b.Queue("commit")
	if err := u.ask(ctx, b); err != nil {
		return false, err
	}
	if !done {
		return false, errShared
	}
	u.leaves = u.left(p, nil)
	return true, nil
}

// rest is what put_upload and next_upload take in the end, with the days whose lines wait.
func (u *upload) rest(p *put, named map[string]string, days ...any) []any {
	models, families := []string{}, []string{}
	for m, f := range named {
		models, families = append(models, m), append(families, f)
	}
	args := append([]any{p.cellPrints.days, p.cellPrints.sources, p.prints, p.sketches, models, families}, days...)
	return append(args, int64(store.RestFor.Seconds()), u.Seq, u.Body[:], string(p.receipt), u.At.Unix(), u.Client, u.OS)
}

const putUpload = `SELECT tf.put_upload($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)`

// charges are what the upload counts against, as doors take it.
func (u *upload) charges() (keys [][]byte, every, burst, n []int64) {
	for _, c := range u.Charges {
		keys, every, burst, n = append(keys, c.Key[:]), append(every, int64(c.Every)), append(burst, int64(c.Burst)), append(n, int64(c.N))
	}
	return keys, every, burst, n
}

// covers reports whether what was read tells what was used today and this month.
func (u *upload) covers(today string) bool {
	from, to := u.judged()
	return from <= today && today <= to && (u.who.Visibility != store.Public || shift(from, 1-store.RollingDays) <= today[:8]+"01" && today[:8]+"31" <= to)
}

// seen is what the judge sees.
func (u *upload) seen(all store.Tally) store.Review {
	seen := store.Review{Rows: u.sorted(nil), Before: u.earlier, Stored: all.Rows, Past: all.Past}
	seen.From, seen.To = u.judged()
	switch {
	case !u.alone:
		seen.Devices = slices.Sorted(maps.Keys(u.byDevice))
	case seen.Stored > 0:
		seen.Devices = []int64{u.who.Device}
	}
	return seen
}

// sumUp fills the totals of the receipt: everything counts.
func (u *upload) sumUp(today string, all store.Tally) {
	u.receipt.Total, u.receipt.Device = all.Figures, all.Figures
	month := int64(0)
	for _, d := range u.earlier {
		if today[:8] <= d.Day {
			month += d.Tokens
		}
	}
	f := &u.receipt.Today
	for k, r := range u.rows {
		if k.Date[:8] == today[:8] {
			month += r.Tokens.Total()
		}
		if k.Date != today {
			continue
		}
		f.Requests += r.Requests
		f.Tokens = f.Tokens.Add(r.Tokens)
		f.Cost += r.Cost
		if !r.Priced {
			f.Unpriced += r.Tokens.Total()
		}
		f.ActiveDays, f.First = 1, today
	}
	if u.who.Visibility == store.Public {
		u.receipt.Month = month
	}
}
