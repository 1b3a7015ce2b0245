package postgres

import (
	"maps"
	"slices"
	"sync"
	"time"

	"tokenflex.ing/internal/server/store"
)

// recent is an account of one device as its last upload left it, nothing of which waits or ever did. Whether it is still so says
// next_upload, which holds it against the database under the account's lock.
type recent struct {
	who      store.Actor
	day      string // that the upload came on
	seq      int64
	from, to string // days whose rows these are
	rows     []store.Row
	inbox    []rowKey         // rows that its inbox has, or had before it was emptied
	owed     []string         // days of these
	book     string           // that these are priced by
	sums     store.Tally      // of the rows
	earlier  []store.DayTotal // of the days before
	had      store.Tally      // of the account
}

// recentRows is how many rows are kept in all, of about a quarter of a kilobyte.
const recentRows = 65_536

// rowsMore is how many new rows the map of an upload has room for before it grows.
const rowsMore = 10

// recents are the accounts that sent last.
type recents struct {
	mu   sync.Mutex
	of   map[int64]*recent
	by   map[store.Hash]*recent // the same, by the token
	rows int
}

// sender is whoever sent with the token on the same day and is remembered.
func (r *recents) sender(secret store.Hash, day string) (who store.Actor, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.by[secret]
	if a == nil || a.day != day {
		return store.Actor{}, false
	}
	return a.who, true
}

// take takes an account out: of two uploads of it at once, one is asked of the database.
func (r *recents) take(user int64) *recent {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.drop(user)
}

func (r *recents) drop(user int64) *recent {
	a := r.of[user]
	if a != nil {
		delete(r.of, user)
		delete(r.by, a.who.Key)
		r.rows -= len(a.rows)
	}
	return a
}

// put keeps an account as it was just committed.
func (r *recents) put(user int64, a *recent) {
	if len(a.rows) > recentRows/16 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(user)
	if r.of == nil {
		r.of, r.by = make(map[int64]*recent), make(map[store.Hash]*recent)
	}
	r.of[user], r.by[a.who.Key] = a, a
	for r.rows += len(a.rows); r.rows > recentRows; {
		for other := range r.of { // in no order
			r.drop(other)
			break
		}
	}
}

// left is what the account's next upload can begin with, once this one is committed. inbox is what the account's inbox has then.
func (u *upload) left(p *put, inbox []rowKey) *recent {
	if !u.alone || len(u.cells) == 0 {
		return nil
	}
	from, to := u.judged()
	rows := slices.AppendSeq(make([]store.Row, 0, len(u.rows)), maps.Values(u.rows))
	who := u.who
	who.Recalled = true
	return &recent{who: who, day: u.At.UTC().Format(time.DateOnly), seq: u.Seq, from: from, to: to, rows: rows, inbox: inbox, owed: daysOf(inbox), book: u.Book,
		sums: p.sums, earlier: u.earlier, had: p.all}
}

// resume begins with what the account's last upload left, if this is the next of the same device and over the same days.
func (u *upload) resume(was *recent) bool {
	if was == nil || was.who.Device != u.who.Device || u.Seq <= was.seq {
		return false
	}
	if from, to := u.judged(); from != was.from || to != was.to || len(was.inbox) > 0 && was.book != u.Book {
		return false
	}
	u.alone, u.plain, u.quick = true, true, true
	u.had, u.before, u.earlier, u.last, u.inbox, u.owed = was.had, was.sums, was.earlier, was.seq, was.inbox, was.owed
	u.rows = make(map[rowKey]store.Row, len(was.rows)+rowsMore)
	for _, r := range was.rows {
		u.rows[rowKey{r.Device, r.Key}] = r
	}
	return true
}
