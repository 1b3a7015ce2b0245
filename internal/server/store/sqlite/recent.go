package sqlite

import (
	"time"

	"tokenflex.ing/internal/server/store"
)

// recent is an account as its last upload left it: of one device, nothing of which waits or ever did. Its next upload asks the
// database for nothing of this.
type recent struct {
	device   int64
	seq      int64
	synced   time.Time
	from, to string // days whose rows these are
	rows     map[rowKey]storedRow
	earlier  []store.DayTotal // of the days before
	tallies  map[int64]store.Tally
	owed     debt
}

// recentRows is how many rows are kept in all, of about half a kilobyte.
const recentRows = 16_384

// recents are the accounts that sent last, as the database has them. No row of an account can change but as the account, which the
// guards see to: Store.become drops it, and so does another process's commit all of them. Whoever has the writer's connection has them.
type recents struct {
	of   map[int64]*recent
	rows int
}

// take takes an account out.
func (r *recents) take(user int64) *recent {
	a := r.of[user]
	if a != nil {
		delete(r.of, user)
		r.rows -= len(a.rows)
	}
	return a
}

// put keeps an account as it was just committed; nil: no longer.
func (r *recents) put(user int64, a *recent) {
	r.take(user)
	if a == nil || len(a.rows) > recentRows/16 {
		return
	}
	if r.of == nil {
		r.of = make(map[int64]*recent)
	}
	r.of[user] = a
	for r.rows += len(a.rows); r.rows > recentRows; {
		for other := range r.of { // in no order
			r.take(other)
			break
		}
	}
}

// resume begins with what the account's last upload left, if this is the next of the same device.
func (u *upload) resume(was *recent) bool {
	if was == nil || was.device != u.who.Device || u.Seq <= was.seq {
		return false
	}
	u.alone, u.plain, u.synced, u.owed, u.tallies = true, true, was.synced, was.owed, was.tallies
	if from, to := u.judged(); from == was.from && to == was.to {
		u.rows, u.earlier, u.known = was.rows, was.earlier, true
	}
	u.resumed = true
	return true
}

// left is what the account's next upload can begin with.
func (u *upload) left() *recent {
	if !u.alone || !u.plain || len(u.cells) == 0 {
		return nil
	}
	from, to := u.judged()
	return &recent{device: u.who.Device, seq: u.Seq, synced: time.Unix(u.At.Unix(), 0).UTC(), from: from, to: to, rows: u.rows, earlier: u.earlier, tallies: u.tallies,
		owed: u.owed}
}
