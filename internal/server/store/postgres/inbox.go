package postgres

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// inboxRows is how many rows an inbox holds at most.
const inboxRows = 200

// putResumed takes the upload in as the next of an account that is in memory: its rows come into the account's inbox, and from there to the
// others when somebody looks, or lines are made. It reports whether it did: if not, the database is to be asked.
func (s *Store) putResumed(ctx context.Context, who store.Actor, up store.Upload) (receipt store.Receipt, took bool, err error) {
	u := upload{Upload: up, who: who, cells: up.Cells(), changed: make(map[string]bool)}
	if !u.resume(s.recents.take(who.User)) {
		return store.Receipt{}, false, nil
	}
	u.receipt.SyncID = u.SyncID
	u.nameUnpriced()
	puts, gone := u.merge()
	p, err := u.atOnce(puts, gone)
	if p == nil || err != nil { // what the judge refuses is not refused by what memory has
		return store.Receipt{}, false, nil
	}
	own, all := u.intoInbox(puts)
	if all == nil {
		return store.Receipt{}, false, nil
	}
	answer, err := s.putNext(ctx, &waiter{user: who.User, rows: len(all), args: u.nextArgs(p, puts, own, all)})
	switch {
	case err != nil || answer == refused:
		return store.Receipt{}, false, err
	case answer == begun: // what came before is where it belongs
		all = own
	}
	s.recents.put(who.User, u.left(p, all))
	return u.receipt, true, nil
}

// intoInbox returns the rows that the upload changes, and all that the account's inbox is to have with them, or nil where it cannot have them.
func (u *upload) intoInbox(puts []row) (own, all []rowKey) {
	own, all = make([]rowKey, 0, len(puts)), slices.Clip(u.inbox)
	before := make(map[rowKey]bool, len(all))
	for _, k := range all {
		before[k] = true
	}
	for _, r := range puts {
		k := rowKey{u.who.Device, usage.Key{Date: r.Day, Source: r.Source, Model: r.Model, Band: r.Band, Tier: r.Tier}}
		if !r.sound() {
			return nil, nil
		}
		own = append(own, k)
		if !before[k] {
			all = append(all, k)
		}
	}
	if len(all) > inboxRows {
		return nil, nil
	}
	return own, append([]rowKey{}, all...)
}

// nextArgs are in next_upload's order.
func (u *upload) nextArgs(p *put, puts []row, own, inbox []rowKey) []any {
	keys, every, burst, n := u.charges()
	args := []any{u.who.Key[:], u.who.Handle, u.who.Visibility, u.last, keys, every, burst, n, u.At.UnixNano(), u.who.Device}
	args = append(args, u.inboxText(p.all, inbox), u.Book)
	fresh := make(map[string]string) // what others were named when they came
	for _, r := range puts {
		if f, named := u.Families[r.Model]; named && !r.known {
			fresh[r.Model] = f
		}
	}
	days := daysOf(own)
	more := slices.DeleteFunc(slices.Clone(days), func(day string) bool { return slices.Contains(u.owed, day) })
	return append(args, u.rest(p, fresh, days, more)...)
}

// inboxText is what an inbox has of rows, with the account's sums before them. No name has a blank in it.
func (u *upload) inboxText(all store.Tally, rows []rowKey) string {
	b := make([]byte, 0, 160*(1+len(rows)))
	for _, n := range values(all) {
		b = append(strconv.AppendInt(b, n, 10), ' ')
	}
	b = append(b, all.First...)
	for _, k := range rows {
		r := u.rows[k]
		b = append(append(append(b, '\n'), k.Date...), ' ')
		b = append(append(append(b, k.Source...), ' '), k.Model...)
		b = append(append(b, ' '), k.Tier...)
		put := rowOf(r.Day)
		priced := int64(0)
		if put.Priced {
			priced = 1
		}
		for _, n := range [...]int64{int64(put.Band), put.Requests, put.Input, put.CacheRead, put.CacheWrite5m, put.CacheWrite1h, put.Output, put.Reasoning, int64(put.Cost),
			priced, int64(r.Parser), r.First.Unix()} {
			b = strconv.AppendInt(append(b, ' '), n, 10)
		}
	}
	return string(b)
}

// daysOf are the days of rows.
func daysOf(rows []rowKey) []string {
	days := make(map[string]bool)
	for _, k := range rows {
		days[k.Date] = true
	}
	return slices.AppendSeq([]string{}, maps.Keys(days))
}

// The most that the checks of usage_day let a row have of each kind of token and of requests, and of micro-dollars for a token.
const (
	mostCounted = 1_000_000_000_000
	mostPrice   = 1000
)

// sound reports whether the checks of usage_day let the row in. They are asked only when an inbox is emptied, which is too late to refuse an upload.
func (r row) sound() bool {
	for _, n := range []int64{r.Requests, r.Input, r.CacheRead, r.CacheWrite5m, r.CacheWrite1h, r.Output} {
		if n < 0 || n > mostCounted {
			return false
		}
	}
	if r.Reasoning < 0 || r.Reasoning > r.Output || r.Cost < 0 || !r.Priced && r.Cost != 0 ||
		int64(r.Cost) > mostPrice*(r.Input+r.CacheRead+r.CacheWrite5m+r.CacheWrite1h+r.Output) {
		return false
	}
	return r.Band.Valid() && r.Tier.Valid() && shaped(r.Day) && int(int32(r.Parser)) == r.Parser &&
		named(r.Source, 32, "-") && named(r.Model, 96, "._:/@+-")
}

// shaped reports whether a day is written as YYYY-MM-DD.
func shaped(day string) bool {
	for i := range len(day) {
		if dash := i == 4 || i == 7; dash != (day[i] == '-') || !dash && (day[i] < '0' || day[i] > '9') {
			return false
		}
	}
	return len(day) == len("2006-01-02")
}

// named reports whether a name has so many letters and digits at most, and within it these marks.
func named(name string, most int, marks string) bool {
	for i := range len(name) {
		c := name[i]
		if letter := 'a' <= c && c <= 'z' || '0' <= c && c <= '9'; !letter && (i == 0 || strings.IndexByte(marks, c) < 0) {
			return false
		}
	}
	return 1 <= len(name) && len(name) <= most
}
