package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

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

// readRows reads the account's rows of the days whose standing the upload can change.
func (u *upload) readRows(ctx context.Context) error {
	if !u.known {
		from, to := u.judged()
		rows, err := u.tx.QueryContext(ctx, "SELECT "+rowColumns+", book FROM usage_day WHERE user_id = ? AND day BETWEEN ? AND ?", u.who.User, from, to)
		all, err := collect(rows, err, scanStored)
		if err != nil {
			return err
		}
		u.rows = make(map[rowKey]storedRow, len(all)+len(u.Days))
		for _, r := range all {
			u.rows[rowKey{r.Device, r.Key}] = r
		}
	}
	u.first = make(map[store.Cell]int64)
	for _, r := range u.rows {
		c := store.Cell{Day: r.Date, Source: r.Source}
		if first, known := u.first[c]; r.Device == u.who.Device && (!known || r.First.Unix() < first) {
			u.first[c] = r.First.Unix()
		}
	}
	return nil
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

// scanStored scans into plain types: into others every value takes a longer way.
func scanStored(r *sql.Rows, row *storedRow) error {
	t := &row.Tokens
	var band, cost, parser, first int64
	err := r.Scan(&row.Date, &row.Source, &row.Model, &band, (*string)(&row.Tier), &row.Requests, &t.Input, &t.CacheRead, &t.CacheWrite5m,
		&t.CacheWrite1h, &t.Output, &t.Reasoning, &cost, &row.Priced, &row.Device, &parser, &first, &row.book)
	row.Band, row.Cost, row.Parser, row.First = usage.Band(band), usage.Money(cost), int(parser), time.Unix(first, 0).UTC()
	return err
}

// putSizes are how many rows a statement writes: one statement for many costs less than many.
var putSizes = [...]int{32, 16, 8, 4, 2, 1}

// addRows are statements of each size for rows that are new. What all rows share is bound once.
var addRows = func() (all [len(putSizes)]string) {
	for i, n := range putSizes {
		all[i] = `INSERT INTO usage_day (user_id, device_id, book, ` + dayColumns + `, parser, first_seen_at)
	VALUES (?, ?, ?` + strings.Repeat(", ?", rowArgs) + ")" + strings.Repeat(", (?1, ?2, ?3"+strings.Repeat(", ?", rowArgs)+")", n-1)
	}
	return all
}()

// rowArgs is how many values a new row has of its own.
const rowArgs = 16

// putRows writes rows of the device. A row that is known to be there is updated: that takes a third of the time of finding it in
// the way of an INSERT.
func (u *upload) putRows(ctx context.Context, days []usage.Day) error {
	u.receipt.Written += len(days)
	args := make([]any, shared)
	values := make([]driver.Value, 0, rowArgs+2)
	for _, d := range days {
		k := rowKey{u.who.Device, d.Key}
		row := storedRow{store.Row{Device: u.who.Device, Parser: u.Parsers[d.Source], First: u.firstOf(d), Day: d}, u.Book}
		row.Cost = paid(d)
		if was, there := u.rows[k]; there {
			row.First = was.First
			var query string
			query, values = updateRow(values[:0], u.who.User, &was.Row, &row.Row, was.book, row.book)
			if err := u.run(ctx, query, values...); err != nil {
				return err
			}
		} else {
			t := row.Tokens
			args = append(args, d.Date, d.Source, d.Model, int64(d.Band), string(d.Tier), d.Requests, t.Input, t.CacheRead, t.CacheWrite5m,
				t.CacheWrite1h, t.Output, t.Reasoning, int64(row.Cost), d.Priced, row.Parser, row.First.Unix())
		}
		u.rows[k] = row
		u.changed[d.Date] = true
	}
	return u.many(ctx, addRows, rowArgs, args, u.who.User, u.who.Device, u.Book)
}

// Columns of a row that change together as a rule. The first change with most uploads; of the others only those are set that do: each column
// takes a value and a check.
const (
	setCounts = iota // and what they cost
	setCacheWrites
	setReasoning
	setReading // how the client and the server understood it
	setBook
	setParts
)

// updateRows are statements that write a row over, by which parts beside the counts they set.
var updateRows = func() (all [1 << setParts]string) {
	parts := [setParts]string{"requests = ?, input = ?, cache_read = ?, output = ?, cost_uusd = ?", "cache_write_5m = ?, cache_write_1h = ?", "reasoning = ?",
		"priced = ?, parser = ?", "book = ?"}
	for set := range all {
		sets := parts[setCounts]
		for i := setCounts + 1; i < setParts; i++ {
			if set&(1<<i) != 0 {
				sets += ", " + parts[i]
			}
		}
		all[set] = "UPDATE OR FAIL usage_day SET " + sets + " WHERE user_id = ? AND day = ? AND source = ? AND device_id = ? AND model = ? AND band = ? AND tier = ?"
	}
	return all
}()

// updateRow is the statement that writes a row over, and adds its values. The book is left out where it is the same, since it is in an index.
func updateRow(values []driver.Value, user int64, was, is *store.Row, oldBook, book string) (string, []driver.Value) {
	t, set := &is.Tokens, 0
	values = append(values, is.Requests, t.Input, t.CacheRead, t.Output, int64(is.Cost))
	if t.CacheWrite5m != was.Tokens.CacheWrite5m || t.CacheWrite1h != was.Tokens.CacheWrite1h {
		set |= 1 << setCacheWrites
		values = append(values, t.CacheWrite5m, t.CacheWrite1h)
	}
	if t.Reasoning != was.Tokens.Reasoning {
		set |= 1 << setReasoning
		values = append(values, t.Reasoning)
	}
	if is.Priced != was.Priced || is.Parser != was.Parser {
		set |= 1 << setReading
		values = append(values, is.Priced, int64(is.Parser))
	}
	if book != oldBook {
		set |= 1 << setBook
		values = append(values, book)
	}
	return updateRows[set], append(values, user, is.Date, is.Source, is.Device, is.Model, int64(is.Band), string(is.Tier))
}

// shared is how many values all rows of a statement share. They come first.
const shared = 3

// many writes rows of so many values each, which follow on room for the shared ones, with as few statements as their sizes allow.
func (u *upload) many(ctx context.Context, statements [len(putSizes)]string, each int, args []any, all ...any) error {
	for i, n := range putSizes {
		for len(args) >= shared+n*each {
			copy(args, all)
			if _, err := u.tx.ExecContext(ctx, statements[i], args[:shared+n*each]...); err != nil {
				return err
			}
			args = args[n*each:] // the last values of what is written make room for the shared ones
		}
	}
	return nil
}

// firstOf is when the device first told of the day's cell.
func (u *upload) firstOf(d usage.Day) time.Time {
	first, known := u.first[store.Cell{Day: d.Date, Source: d.Source}]
	if !known {
		first = u.At.Unix()
	}
	return time.Unix(first, 0).UTC()
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
		u.changed[k.Date] = true
	}
	return nil
}
