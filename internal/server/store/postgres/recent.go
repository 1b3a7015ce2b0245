package postgres

import (
	"maps"
	"slices"
	"sync"

	"tokenflex.ing/internal/server/store"
)

// recent is an account of one device as its last upload left it, nothing of which waits or ever did. Whether it is still so says
// next_upload, which holds it against the database under the account's lock.
type recent struct {
	device, seq int64
	from, to    string // days whose rows these are
	rows        []store.Row
	sums        store.Tally      // of the rows
	earlier     []store.DayTotal // of the days before
	had         store.Tally      // of the account
}

// recentRows is how many rows are kept in all, of about a quarter of a kilobyte.
const recentRows = 65_536

// recents are the accounts that sent last.
type recents struct {
	mu   sync.Mutex
	of   map[int64]*recent
	rows int
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
		r.of = make(map[int64]*recent)
	}
	r.of[user] = a
	for r.rows += len(a.rows); r.rows > recentRows; {
		for other := range r.of { // in no order
			r.drop(other)
			break
		}
	}
}

// left is what the account's next upload can begin with, once this one is committed.
func (u *upload) left(p *put) *recent {
	if !u.alone || len(u.cells) == 0 {
		return nil
	}
	from, to := u.judged()
	return &recent{device: u.who.Device, seq: u.Seq, from: from, to: to, rows: slices.Collect(maps.Values(u.rows)), sums: p.sums, earlier: u.earlier, had: p.all}
}

// resume begins with what the account's last upload left, if this is the next of the same device and over the same days.
func (u *upload) resume(was *recent) bool {
	if was == nil || was.device != u.who.Device || u.Seq <= was.seq {
		return false
	}
	if from, to := u.judged(); from != was.from || to != was.to {
		return false
	}
	u.alone, u.plain, u.quick = true, true, true
	u.had, u.before, u.earlier, u.last = was.had, was.sums, was.earlier, was.seq
	for _, r := range was.rows {
		u.rows[rowKey{r.Device, r.Key}] = r
	}
	return true
}
