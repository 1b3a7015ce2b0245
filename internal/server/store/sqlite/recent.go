package sqlite

import (
	"cmp"
	"iter"
	"slices"
	gosync "sync"
	"time"

	"tokenflex.ing/internal/server/store"
)

// recent is an account as its last upload left it: of one device, nothing of which waits or ever did. Its next upload asks the
// database for nothing of this. It is never changed, so that whoever sends next can look at it before their turn.
type recent struct {
	device   int64
	seq      int64
	synced   time.Time
	from, to string           // days whose rows these are
	rows     []store.Row      // in the order of compareRows
	books    []string         // that priced them
	within   store.Tally      // of the rows
	printed  bool             // the prints of these days are known
	prints   []printed        // in no order
	earlier  []store.DayTotal // of the days before
	whole    store.Tally      // of the account
	owed     debt
}

// printed is a cell's print.
type printed struct {
	store.Cell
	print    store.Hash
	sketched bool // there is a sketch beside it
}

// compareRows orders rows as judges see them.
func compareRows(a, b *store.Row) int {
	return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Device, b.Device), cmp.Compare(a.Model, b.Model),
		cmp.Compare(a.Band, b.Band), cmp.Compare(a.Tier, b.Tier))
}

// recentRows is how many rows are kept in all, of about a quarter of a kilobyte.
const recentRows = 32_768

// recents are the accounts that sent last, as the database has them. No row of an account can change but as the account, which the
// guards see to: Store.become drops it, and so does another process's commit all of them. Whoever has the writer's connection changes them;
// anybody may look, and must ask again once they have the connection.
type recents struct {
	mu   gosync.Mutex
	of   map[int64]*recent
	rows int
}

// see returns an account and leaves it there.
func (r *recents) see(user int64) *recent {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.of[user]
}

// take takes an account out.
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

// clear takes all out.
func (r *recents) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.of, r.rows = nil, 0
}

// put keeps an account as it was just committed; nil: no longer.
func (r *recents) put(user int64, a *recent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(user)
	if a == nil || len(a.rows) > recentRows/16 {
		return
	}
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

// resume begins with what the account's last upload left, if this is the next of the same device.
func (u *upload) resume(was *recent) bool {
	if was == nil || was.device != u.who.Device || u.Seq <= was.seq {
		return false
	}
	u.alone, u.plain, u.synced, u.owed = true, true, was.synced, was.owed
	u.tallies[wholeAccount] = was.whole
	if from, to := u.judged(); from == was.from && to == was.to {
		for i, r := range was.rows {
			u.rows[rowKey{r.Device, r.Key}] = storedRow{r, was.books[i]}
		}
		u.earlier, u.known = was.earlier, true
	}
	u.resumed = true
	return true
}

// left is what the account's next upload can begin with.
func (u *upload) left() *recent {
	if !u.alone || !u.plain || len(u.cells) == 0 || len(u.tallies) != 1 {
		return nil
	}
	r := &recent{device: u.who.Device, seq: u.Seq, synced: second(u.At), rows: make([]store.Row, 0, len(u.rows)), books: make([]string, len(u.rows)),
		printed: u.Print != nil, prints: u.prints, earlier: u.earlier, whole: u.tallies[wholeAccount], owed: u.owed}
	r.from, r.to = u.judged()
	for _, row := range u.rows {
		r.rows = append(r.rows, row.Row)
	}
	slices.SortFunc(r.rows, func(a, b store.Row) int { return compareRows(&a, &b) })
	for i, row := range r.rows {
		r.books[i] = u.rows[rowKey{row.Device, row.Key}].book
	}
	r.within = store.AddUp(each(r.rows))
	return r
}

// second is a time as the database keeps it.
func second(t time.Time) time.Time { return time.Unix(t.Unix(), 0).UTC() }

func each(rows []store.Row) iter.Seq[*store.Row] {
	return func(yield func(*store.Row) bool) {
		for i := range rows {
			if !yield(&rows[i]) {
				return
			}
		}
	}
}
