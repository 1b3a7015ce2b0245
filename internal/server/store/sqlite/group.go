package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	gosync "sync"
	"time"

	"tokenflex.ing/internal/server/store"
)

// How much of what waits is written in one transaction: whoever else writes waits for all of it.
const (
	groupUploads = 16
	groupRows    = 1000
)

// group lets uploads that wait for the writer share a transaction, so that they share what beginning and committing one costs. While any wait
// one goroutine writes, and does nothing else in between: whoever brought an upload would first answer its client. None is told of its upload
// before the commit.
type group struct {
	mu      gosync.Mutex
	waiting []*waiter
	writing bool // somebody does
}

// waiter is an upload on its way to the writer.
type waiter struct {
	who     store.Actor
	up      store.Upload
	ready   *ready // worked out already, unless the account is another by then
	ctx     context.Context
	receipt store.Receipt
	left    *recent
	err     error
	broken  any           // what a panic said
	done    chan struct{} // closed when it is written or refused
}

// join adds a waiter and reports whether nobody writes yet.
func (g *group) join(w *waiter) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, w)
	begin := !g.writing
	g.writing = true
	return begin
}

// leave takes a waiter out, unless it is written already.
func (g *group) leave(w *waiter) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, w)
	if i < 0 {
		return false
	}
	g.waiting = slices.Delete(g.waiting, i, i+1)
	return true
}

// next takes out those who are written next.
func (g *group) next() []*waiter {
	g.mu.Lock()
	defer g.mu.Unlock()
	n, rows := 0, 0
	for n < len(g.waiting) && n < groupUploads && (n == 0 || rows+len(g.waiting[n].up.Days) <= groupRows) {
		rows += len(g.waiting[n].up.Days)
		n++
	}
	batch := slices.Clone(g.waiting[:n])
	g.waiting = slices.Delete(g.waiting, 0, n)
	return batch
}

// wanted reports whether anybody waits; if not, nobody writes any more.
func (g *group) wanted() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.writing = len(g.waiting) > 0
	return g.writing
}

// PutDays implements store.Days.
func (s *Store) PutDays(ctx context.Context, who store.Actor, up store.Upload) (store.Receipt, error) {
	w := &waiter{who: who, up: up, ctx: ctx, done: make(chan struct{})}
	w.ready = s.prepare(who, &w.up)
	if s.group.join(w) {
		go s.write()
	}
	s.await(w)
	if w.broken != nil {
		panic(w.broken)
	}
	return w.receipt, w.err
}

// await waits until the upload is written or refused.
func (s *Store) await(w *waiter) {
	begun := time.Now()
	end := time.NewTimer(store.Patience(w.ctx, s.patience))
	defer func() {
		end.Stop()
		store.Waited(w.ctx, time.Since(begun))
	}()
	var gone error
	select {
	case <-w.done:
		return
	case <-end.C:
		gone = store.ErrBusy
	case <-w.ctx.Done():
		gone = w.ctx.Err()
	}
	if s.group.leave(w) {
		w.err = gone
		return
	}
	<-w.done // it is being written
}

// write writes what waits, until nothing does. Others who write come in between.
func (s *Store) write() {
	for s.group.wanted() {
		conn, err := s.take(context.Background())
		if errors.Is(err, store.ErrBusy) { // each of those who wait knows for how long
			continue
		}
		batch := s.group.next()
		if err == nil {
			err = s.writeBatch(conn, batch)
			conn.Close()
		}
		for _, each := range batch {
			if err != nil {
				each.receipt, each.err = store.Receipt{}, err
			}
			close(each.done)
		}
	}
}

// writeBatch writes uploads. If one of them panics, those who brought them do.
func (s *Store) writeBatch(conn *sql.Conn, batch []*waiter) (err error) {
	defer func() {
		if p := recover(); p != nil {
			for _, each := range batch {
				each.broken = fmt.Sprintf("%v\n%s", p, debug.Stack())
			}
		}
	}()
	err = s.writeAll(context.Background(), conn, batch, false)
	if errors.Is(err, errHalf) {
		err = s.writeAll(context.Background(), conn, batch, true)
	}
	return err
}

// errHalf is that an upload of a transaction was given up when parts of it were written.
var errHalf = errors.New("half an upload is written")

// writeAll writes a batch in one transaction. What one of them gives up is nothing to the others. Hardly any is given up once it has
// written something, and a savepoint before each would have every page that it changes written to a journal: they are set only
// when that has happened.
func (s *Store) writeAll(ctx context.Context, conn *sql.Conn, batch []*waiter, apart bool) error {
	err := s.inOne(ctx, conn, func(ctx context.Context, tx *sql.Tx) error {
		for _, each := range batch {
			if err := s.putOne(ctx, conn, tx, each, apart); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.named.of.Clear() // models of this transaction may be among them
		return err
	}
	for _, each := range batch {
		if each.left != nil {
			s.recents.put(each.who.User, each.left)
		} else if each.err == nil {
			s.recents.take(each.who.User)
		}
	}
	return nil
}

// putOne writes one upload, all of it or nothing. It returns an error if nothing more can be written in the transaction.
func (s *Store) putOne(ctx context.Context, conn *sql.Conn, tx *sql.Tx, w *waiter, apart bool) error {
	w.left = nil
	if w.err = w.ctx.Err(); w.err != nil {
		return nil
	}
	if w.err = s.verify(ctx, tx, w); w.err != nil {
		return nil
	}
	allowed, err := s.charge(ctx, conn, tx, w.up.Charges, w.up.At)
	if err != nil {
		return err
	}
	for i, a := range allowed {
		if a.Wait > 0 {
			w.err = &store.ErrLimited{Charge: i, Wait: a.Wait}
			return nil
		}
	}
	if w.ready != nil && !apart {
		if done, err := s.putReady(ctx, conn, w); done || err != nil {
			return err
		}
	}
	if apart {
		if _, err := tx.ExecContext(ctx, "SAVEPOINT upload"); err != nil {
			return err
		}
	}
	wrote, mark, was := false, s.pending.mark(), s.recents.take(w.who.User)
	w.err = s.become(ctx, tx, w.who.User, func(tx *sql.Tx) error {
		var err error
		w.receipt, w.left, wrote, err = s.putDays(ctx, conn, tx, w.who, w.up, was)
		return err
	})
	switch {
	case !apart && w.err == nil:
		return nil
	case !apart && wrote:
		return errHalf
	case !apart:
		return nobody(ctx, tx)
	}
	if w.err != nil {
		if _, err := tx.ExecContext(ctx, "ROLLBACK TO upload"); err != nil {
			return w.err // the whole transaction is gone
		}
		s.pending.undo(mark)
		w.err = full(w.err)
	}
	_, err = tx.ExecContext(ctx, "RELEASE upload")
	return err
}

// putReady writes an upload that was worked out before its turn, if it still is what it would be now.
func (s *Store) putReady(ctx context.Context, conn *sql.Conn, w *waiter) (done bool, err error) {
	stands := false
	err = conn.Raw(func(c any) error {
		var err error
		if stands, err = w.ready.stands(ctx, s, c.(*compiling)); err != nil || !stands {
			return err
		}
		return w.ready.put(ctx, s, c.(*compiling))
	})
	switch {
	case err != nil && stands:
		return true, errHalf
	case err != nil:
		w.err = err
		return true, nil
	case stands:
		w.receipt, w.left = w.ready.receipt, w.ready.is
	}
	return stands, nil
}
