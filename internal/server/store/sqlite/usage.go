package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// putDays takes one upload in, of an account that is as was says if that is known, and returns how it is then. If it fails, wrote says
// whether the transaction holds parts of it.
func (s *Store) putDays(ctx context.Context, conn *sql.Conn, tx *sql.Tx, who store.Actor, up store.Upload, was *recent) (r store.Receipt, is *recent, wrote bool, err error) {
	u := upload{Upload: up, store: s, who: who, conn: conn, tx: tx, cells: up.Cells(), changed: make(map[string]bool),
		rows: make(map[rowKey]storedRow), tallies: make(map[int64]store.Tally), before: make(map[int64]store.Tally)}
	if u.resume(was) {
		err = u.settleEarlier(ctx)
	} else {
		var old *store.Receipt
		if old, err = u.admit(ctx); old != nil {
			return *old, nil, false, err
		}
	}
	if err != nil {
		return store.Receipt{}, nil, u.wrote, err
	}
	if r, err = u.put(ctx); err != nil {
		return r, nil, true, err
	}
	return r, u.left(), true, nil
}

// upload is one upload on its way into the tables.
type upload struct {
	store.Upload
	store   *Store
	who     store.Actor
	conn    *sql.Conn
	tx      *sql.Tx             // on it
	cells   map[store.Cell]bool // that it names
	alone   bool                // the account has one device
	wrote   bool                // something
	resumed bool                // the tallies are known
	known   bool                // the rows and the days before them are, too
	holds   bool                // days of the account wait, or have waited
	plain   bool                // nothing of the account waits or is a copy, or was one
	owed    debt
	synced  time.Time // the device's last upload
	receipt store.Receipt
	first   map[store.Cell]int64  // when the device first told of the cells that it has
	rows    map[rowKey]storedRow  // of the account, of the days whose standing the upload can change
	earlier []store.DayTotal      // of the days before those that rolling lines reach back to
	prints  []printed             // of those days, with the upload
	copied  []string              // days on which copies were found or are none any more
	changed map[string]bool       // days
	whole   *store.Tally          // of the account, with the upload; nil until it is judged
	tallies map[int64]store.Tally // from before the upload, by device
	before  map[int64]store.Tally // of rows, by device
}

// admit checks that the upload is the device's next, and settles what is owed of another day: by now other periods may be closed.
// It returns the old receipt if the upload is the device's last once more.
func (u *upload) admit(ctx context.Context) (*store.Receipt, error) {
	var last, at int64
	var body []byte
	var receipt sql.NullString
	var synced sql.NullInt64
	var suspended, copies bool
	var days string
	err := u.tx.QueryRowContext(ctx, `SELECT d.last_seq, d.last_body, d.last_receipt, u.state = 2,
		NOT EXISTS (SELECT 1 FROM devices o WHERE o.user_id = u.id AND o.id <> d.id), EXISTS (SELECT 1 FROM holds h WHERE h.user_id = u.id),
		EXISTS (SELECT 1 FROM copies c WHERE c.user_id = u.id), coalesce(w.at, 0), coalesce(w.days, ''), d.synced_at
		FROM devices d JOIN users u ON u.id = d.user_id LEFT JOIN due w ON w.user_id = u.id WHERE d.user_id = ? AND d.id = ?`, u.who.User, u.who.Device).
		Scan(&last, &body, &receipt, &suspended, &u.alone, &u.holds, &copies, &at, &days, &synced)
	u.plain = !u.holds && !copies
	switch {
	case err != nil:
		return nil, notFound(err)
	case suspended:
		return nil, store.ErrSuspended
	case u.Seq > last:
		u.synced = timeOrZero(synced)
		u.owed = debt{time.Unix(at, 0).UTC(), strings.Fields(days)}
		return nil, u.settleEarlier(ctx)
	case u.Seq < last || !slices.Equal(body, u.Body[:]) || !receipt.Valid:
		return nil, &store.ErrStale{Last: last}
	}
	old := store.Receipt{Replayed: true}
	return &old, json.Unmarshal([]byte(receipt.String), &old)
}

// settleEarlier settles what is owed of another day than the upload's.
func (u *upload) settleEarlier(ctx context.Context) error {
	if !owesEarlier(u.owed, u.At) {
		return nil
	}
	u.owed, u.wrote = debt{}, true
	return u.store.settle(ctx, u.tx, u.who.User)
}

func owesEarlier(owed debt, at time.Time) bool {
	return len(owed.days) > 0 && owed.at.UTC().Format(time.DateOnly) != at.UTC().Format(time.DateOnly)
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
		if err := u.readRows(ctx); err != nil {
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
	puts := make([]usage.Day, 0, len(u.Days))
	for _, d := range u.Days {
		k := rowKey{u.who.Device, d.Key}
		old, known := u.rows[k]
		delete(rest, k)
		if known && !supersedes(&u.Upload, &d, &old.Row) {
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
func supersedes(up *store.Upload, d *usage.Day, old *store.Row) bool {
	if up.Replace {
		return *d != old.Day || up.Parsers[d.Source] != old.Parser
	}
	if d.Tokens.Total() != old.Tokens.Total() {
		return d.Tokens.Total() > old.Tokens.Total()
	}
	return d.Tokens == old.Tokens && (d.Cost != old.Cost || d.Priced != old.Priced || up.Parsers[d.Source] > old.Parser)
}

// sum fills the totals of the receipt.
func (u *upload) sum(ctx context.Context) error {
	if err := u.sumRows(ctx); err != nil {
		return err
	}
	u.receipt.Unpriced = unpriced(&u.Upload)
	return nil
}

// unpriced are the models of an upload without a price.
func unpriced(up *store.Upload) (models []string) {
	for i := range up.Days {
		if d := &up.Days[i]; !d.Priced && d.Tokens.Total() > 0 && !slices.Contains(models, d.Model) {
			models = append(models, d.Model)
		}
	}
	slices.Sort(models)
	return models
}

// sumRows works out what days add up to, from what was read and the tallies as long as all rows count.
func (u *upload) sumRows(ctx context.Context) error {
	today := u.At.UTC().Format(time.DateOnly)
	if err := u.sumLately(ctx, today); err != nil {
		return err
	}
	if !u.plain {
		var err error
		if u.receipt.Total, err = sumOf(ctx, u.tx, u.who.User, store.Always.From, store.Always.To); err != nil {
			return err
		}
		if u.receipt.Device, err = deviceSum(ctx, u.tx, u.who.User, u.who.Device); err != nil {
			return err
		}
		return forget(ctx, u.tx, u.who.User)
	}
	return u.keepTallies(ctx)
}

// sumLately fills in what was used today, and this month if that is public.
func (u *upload) sumLately(ctx context.Context, today string) error {
	var err error
	first, last := u.judged()
	known := u.plain && len(u.cells) > 0
	if known && first <= today && today <= last {
		u.receipt.Today = figures(today, u.standingRows())
	} else if u.receipt.Today, err = sumOf(ctx, u.tx, u.who.User, today, today); err != nil {
		return err
	}
	if u.who.Visibility != store.Public {
		return nil
	}
	if known {
		u.receipt.Month, known = monthTokens(today, first, last, u.earlier, u.standingRows())
	}
	if known {
		return nil
	}
	from, to := monthOf(today)
	return u.tx.QueryRowContext(ctx, "SELECT coalesce(sum"+tokenColumns+", 0) FROM usage_day WHERE user_id = ? AND day BETWEEN ? AND ? AND held = 0",
		u.who.User, from, to).Scan(&u.receipt.Month)
}

// standingRows are the rows of the judged days.
func (u *upload) standingRows() iter.Seq[*store.Row] {
	return func(yield func(*store.Row) bool) {
		for _, r := range u.rows {
			if !yield(&r.Row) {
				return
			}
		}
	}
}

func monthOf(day string) (from, to string) { return day[:8] + "01", day[:8] + "31" }

// monthTokens is what was used in the month of a day, if the rows of some days and the sums of those before them tell.
func monthTokens(today, first, last string, earlier []store.DayTotal, rows iter.Seq[*store.Row]) (tokens int64, known bool) {
	from, to := monthOf(today)
	if from < shift(first, 1-store.RollingDays) || last < to {
		return 0, false
	}
	for _, d := range earlier {
		if from <= d.Day {
			tokens += d.Tokens
		}
	}
	for r := range rows {
		if from <= r.Date && r.Date <= to {
			tokens += r.Tokens.Total()
		}
	}
	return tokens, true
}

// figures are what rows of one day add up to.
func figures(day string, rows iter.Seq[*store.Row]) store.Figures {
	var f store.Figures
	for r := range rows {
		if r.Date != day {
			continue
		}
		f.Requests += r.Requests
		f.Tokens = f.Tokens.Add(r.Tokens)
		f.Cost += r.Cost
		if !r.Priced {
			f.Unpriced += r.Tokens.Total()
		}
		f.ActiveDays, f.First = 1, day
	}
	return f
}

// remember makes this upload the device's last.
func (u *upload) remember(ctx context.Context) error {
	receipt, err := json.Marshal(u.receipt)
	if err != nil {
		return err
	}
	return u.run(ctx, updateDevice, u.Seq, u.Body[:], string(receipt), u.At.Unix(), u.Client, u.OS, u.who.User, u.who.Device)
}

const updateDevice = `UPDATE OR FAIL devices SET last_seq = ?, last_body = ?, last_receipt = ?, synced_at = ?,
	client = coalesce(nullif(?, ''), client), os = coalesce(nullif(?, ''), os) WHERE user_id = ? AND id = ?`

// run runs a statement past what database/sql does with each.
func (u *upload) run(ctx context.Context, query string, values ...driver.Value) error {
	return u.conn.Raw(func(c any) error { return c.(*compiling).run(ctx, query, values...) })
}
