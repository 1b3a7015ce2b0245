package postgres

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
)

// How much of what waits is written in one transaction.
const (
	groupUploads = 16
	groupRows    = 1000
)

// stuck is how long an upload waits for transactions that are on their way before it has one of its own, if there is a connection: one of them
// may be waiting for the disk, or for a database that answers no more.
const stuck = 50 * time.Millisecond

// groupTime bounds how long a transaction may take that several wait for, whoever of them goes away.
const groupTime = 20 * time.Second

// group lets uploads share a trip to the database and a commit while one more transaction is on its way than the server has processors: one
// of them may be waiting for the disk.
// Nobody waits for company: what comes while there is room is written at once and alone. None is told of its upload before the commit.
type group struct {
	most    int // transactions at once
	limit   int // and when they are stuck
	mu      sync.Mutex
	writing int
	waiting []*waiter
}

func newGroup(conns int) *group { return &group{most: runtime.GOMAXPROCS(0) + 1, limit: conns} }

// waiter is an upload that is ready to be written.
type waiter struct {
	user  int64
	rows  int
	args  []any         // of next_upload
	took  int           // what next_upload answered
	err   error         // of the transaction
	done  chan struct{} // closed when it is written or refused
	leads chan struct{} // holds something when the waiter is to write for others
}

// join reports whether the waiter is to write.
func (g *group) join(w *waiter) (lead bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if lead = g.writing < g.most; lead {
		g.writing++
	} else {
		g.waiting = append(g.waiting, w)
	}
	return lead
}

// unstick reports whether the waiter, who has waited long, is to write though others do.
func (g *group) unstick(w *waiter) (lead bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, w)
	if i < 0 || g.writing >= g.limit {
		return false
	}
	g.waiting = slices.Delete(g.waiting, i, i+1)
	g.writing++
	return true
}

// leave takes a waiter out, unless it is written already or is to write.
func (g *group) leave(w *waiter) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, w)
	if i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
	}
	return i >= 0
}

// next takes those out whom w writes for: itself and the first of the others.
func (g *group) next(w *waiter) []*waiter {
	g.mu.Lock()
	defer g.mu.Unlock()
	batch, rows := []*waiter{w}, w.rows
	for len(g.waiting) > 0 && len(batch) < groupUploads && rows+g.waiting[0].rows <= groupRows {
		batch, rows = append(batch, g.waiting[0]), rows+g.waiting[0].rows
		g.waiting = slices.Delete(g.waiting, 0, 1)
	}
	return batch
}

// handOn lets the first of those who wait write next.
func (g *group) handOn() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		g.writing--
		return
	}
	g.waiting[0].leads <- struct{}{}
	g.waiting = slices.Delete(g.waiting, 0, 1)
}

// What next_upload answers: it did nothing, it added to what was in the account's inbox, or nothing was there.
const (
	refused = iota
	added
	begun
)

// putNext writes an upload, alone or with others, and returns what the door answered.
func (s *Store) putNext(ctx context.Context, w *waiter) (took int, err error) {
	w.done, w.leads = make(chan struct{}), make(chan struct{}, 1)
	if s.group.join(w) || s.await(ctx, w) {
		s.writeGroup(ctx, w)
	}
	return w.took, w.err
}

// await waits until the upload is written or refused, or it is to write.
func (s *Store) await(ctx context.Context, w *waiter) (lead bool) {
	begun := time.Now()
	end := time.NewTimer(store.Patience(ctx, patience))
	defer func() {
		end.Stop()
		store.Waited(ctx, time.Since(begun))
	}()
	late := time.NewTimer(stuck)
	defer late.Stop()
	var gone error
	for gone == nil {
		select {
		case <-w.done:
			return false
		case <-w.leads:
			return true
		case <-late.C:
			if s.group.unstick(w) {
				return true
			}
		case <-end.C:
			gone = store.ErrBusy
		case <-ctx.Done():
			gone = ctx.Err()
		}
	}
	if s.group.leave(w) {
		w.err = gone
		return false
	}
	select { // somebody is at it already
	case <-w.done:
		return false
	case <-w.leads:
		return true
	}
}

// writeGroup writes what waits, for w and others.
func (s *Store) writeGroup(ctx context.Context, w *waiter) {
	defer s.group.handOn()
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		w.err = refusal(err)
		return
	}
	defer conn.Release()
	batch := s.group.next(w)
	defer func() {
		for _, each := range batch {
			if each.err = err; err != nil {
				each.took = refused
			}
			close(each.done)
		}
	}()
	// In one order, as whatever else locks several accounts, though none here waits for a lock of an account.
	slices.SortFunc(batch, func(a, b *waiter) int { return cmp.Compare(a.user, b.user) })
	b := &pgx.Batch{}
	for _, each := range batch {
		b.Queue(nextUpload, each.args...).QueryRow(func(r pgx.Row) error { return r.Scan(&each.took) })
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), groupTime)
	defer cancel()
	err = conn.SendBatch(ctx, b).Close() // all of it is one transaction
}

const nextUpload = `SELECT tf.next_upload($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)`
