package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"

	"tokenflex.ing/internal/server/store"
)

// wholeAccount is the device of the tally of an account.
const wholeAccount = 0

const (
	tokenColumns = "(input + cache_read + cache_write_5m + cache_write_1h + output)"
	rowSums      = `coalesce(sum(requests), 0), coalesce(sum(input), 0), coalesce(sum(cache_read), 0), coalesce(sum(cache_write_5m), 0),
	coalesce(sum(cache_write_1h), 0), coalesce(sum(output), 0), coalesce(sum(reasoning), 0), coalesce(sum(cost_uusd), 0),
	coalesce(sum` + tokenColumns + ` FILTER (WHERE priced = 0), 0), count(DISTINCT day), coalesce(min(day), '')`
)

func tallyFields(t *store.Tally) []any {
	return append([]any{&t.Rows, &t.Past.Days, &t.Past.Tokens}, figureFields(&t.Figures)...)
}

// addUp adds an account's rows up, or one of its devices'.
func (u *upload) addUp(ctx context.Context, device int64) (store.Tally, error) {
	const late = ` FILTER (WHERE first_seen_at >= unixepoch(day, ?3))`
	var t store.Tally
	err := u.tx.QueryRowContext(ctx, `SELECT count(*), count(DISTINCT day)`+late+`, coalesce(sum`+tokenColumns+late+`, 0), `+rowSums+`
		FROM usage_day WHERE user_id = ?1 AND (?2 = 0 OR device_id = ?2)`, u.who.User, device, fmt.Sprintf("+%d days", 1+store.PastAfter)).Scan(tallyFields(&t)...)
	return t, err
}

// readTally reads the tallies from before the upload, if they are there.
func (u *upload) readTally(ctx context.Context) error {
	if !u.plain {
		return nil
	}
	defer func() {
		for _, device := range u.tallied() {
			u.before[device] = u.within(device)
		}
	}()
	if u.resumed {
		return nil
	}
	rows, err := u.tx.QueryContext(ctx, `SELECT device_id, rows, late_days, late_tokens, requests, input, cache_read, cache_write_5m, cache_write_1h,
		output, reasoning, cost_uusd, unpriced, active_days, first_day FROM tallies WHERE user_id = ?1 AND device_id IN (0, ?2)`, u.who.User, u.who.Device)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var t store.Tally
		var device int64
		if err := rows.Scan(append([]any{&device}, tallyFields(&t)...)...); err != nil {
			return err
		}
		u.tallies[device] = t
	}
	return rows.Err()
}

// tallied are whose tallies the upload moves on. An only device has the account's, and keeps its own only if it has one already.
func (u *upload) tallied() []int64 {
	if _, known := u.tallies[u.who.Device]; u.alone && !known {
		return []int64{wholeAccount}
	}
	return []int64{wholeAccount, u.who.Device}
}

// within adds up the rows of the days whose standing the upload can change. They are all the rows of those days.
func (u *upload) within(device int64) store.Tally {
	return store.AddUp(func(yield func(*store.Row) bool) {
		for r := range u.standingRows() {
			if (device == wholeAccount || r.Device == device) && !yield(r) {
				return
			}
		}
	})
}

// tally is the tally with the upload: what it was, less what the days were, and what they are.
func (u *upload) tally(ctx context.Context, device int64) (store.Tally, error) {
	if device == wholeAccount && u.whole != nil {
		return *u.whole, nil
	}
	was, known := u.tallies[device]
	if u.plain && known {
		if t, known := was.Moved(u.before[device], u.within(device)); known {
			return t, nil
		}
	}
	return u.addUp(ctx, device)
}

// keepTallies fills in what the account and the device have in all, and keeps it for the next upload.
func (u *upload) keepTallies(ctx context.Context) error {
	for _, device := range u.tallied() {
		t, err := u.tally(ctx, device)
		if err != nil {
			return err
		}
		if device == wholeAccount {
			u.receipt.Total = t.Figures
		}
		if device == u.who.Device || u.alone {
			u.receipt.Device = t.Figures
		}
		if t == u.tallies[device] {
			continue
		}
		if err := u.putTally(ctx, device, t); err != nil {
			return err
		}
		u.tallies[device] = t
	}
	return nil
}

const updateTally = `UPDATE OR FAIL tallies SET rows = ?, late_days = ?, late_tokens = ?, requests = ?, input = ?, cache_read = ?, cache_write_5m = ?,
	cache_write_1h = ?, output = ?, reasoning = ?, cost_uusd = ?, unpriced = ?, active_days = ?, first_day = ? WHERE user_id = ? AND device_id = ?`

func tallyValues(t *store.Tally, user, device int64) []driver.Value {
	return []driver.Value{t.Rows, t.Past.Days, t.Past.Tokens, t.Requests, t.Tokens.Input, t.Tokens.CacheRead, t.Tokens.CacheWrite5m, t.Tokens.CacheWrite1h,
		t.Tokens.Output, t.Tokens.Reasoning, int64(t.Cost), t.Unpriced, int64(t.ActiveDays), t.First, user, device}
}

// putTally keeps a tally for the next upload.
func (u *upload) putTally(ctx context.Context, device int64, t store.Tally) error {
	query := updateTally
	if _, known := u.tallies[device]; !known {
		query = `INSERT INTO tallies (rows, late_days, late_tokens, requests, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, cost_uusd,
			unpriced, active_days, first_day, user_id, device_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	}
	return u.run(ctx, query, tallyValues(&t, u.who.User, device)...)
}

// forget drops the tallies of an account whose rows change by more than an upload.
func forget(ctx context.Context, tx *sql.Tx, user int64) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM tallies WHERE user_id = ?", user)
	return err
}
