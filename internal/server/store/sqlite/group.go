package sqlite

import (
	"context"
	"database/sql"
	"errors"
	gosync "sync"
	"time"

	"tokenflex.ing/internal/server/store"
)

// How much of what waits is written in one transaction: whoever else writes waits for all of it.
const (
	groupUploads = 16
	groupRows    = 1000
)

// group lets uploads that wait for the writer share a transaction, so that they share what beginning and committing one costs. One of
// those who wait writes for all; none is told of its upload before the commit.
type group struct {
	mu      gosync.Mutex
	waiting []*waiter
	led     bool // somebody is at it, or will be
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
	done    chan struct{} // closed when it is written or refused
	lead    chan struct{} // holds something when the waiter is the next to write for all
}

// join adds a waiter and reports whether it is to lead.
func (g *group) join(w *waiter) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, w)
	lead := !g.led
	g.led = true
	return lead
}

// leave takes a waiter out, unless it leads or is written already.
func (g *group) leave(w *waiter) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, other := range g.waiting {
		if other == w && len(w.lead) == 0 {
			g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// next takes those out whom w writes for: itself and the first of the others.
func (g *group) next(w *waiter) []*waiter {
	g.mu.Lock()
	defer g.mu.Unlock()
	batch, rows := []*waiter{w}, len(w.up.Days)
	var rest []*waiter
	for _, other := range g.waiting {
		if other == w {
			continue
		}
		if len(batch) < groupUploads && rows+len(other.up.Days) <= groupRows && len(rest) == 0 {
			batch, rows = append(batch, other), rows+len(other.up.Days)
		} else {
			rest = append(rest, other)
		}
	}
	g.waiting = rest
	return batch
}

// handOn lets the first of those who wait lead. w does not wait any more.
func (g *group) handOn(w *waiter) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, other := range g.waiting {
		if other == w {
			g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)
			break
		}
	}
	if g.led = len(g.waiting) > 0; g.led {
		g.waiting[0].lead <- struct{}{}
	}
}

// PutDays implements store.Days.
func (s *Store) PutDays(ctx context.Context, who store.Actor, up store.Upload) (store.Receipt, error) {
	w := &waiter{who: who, up: up, ctx: ctx, done: make(chan struct{}), lead: make(chan struct{}, 1)}
	w.ready = s.prepare(who, &w.up)
	if s.group.join(w) || s.await(w) {
		s.write(w)
	}
	return w.receipt, w.err
}

// await waits until the upload is written or refused, or it is to lead.
func (s *Store) await(w *waiter) (lead bool) {
	begun := time.Now()
	end := time.NewTimer(store.Patience(w.ctx, s.patience))
	defer func() {
		end.Stop()
		store.Waited(w.ctx, time.Since(begun))
	}()
	var gone error
	select {
	case <-w.done:
		return false
	case <-w.lead:
		return true
	case <-end.C:
		gone = store.ErrBusy
	case <-w.ctx.Done():
		gone = w.ctx.Err()
	}
	if s.group.leave(w) {
		w.err = gone
		return false
	}
	select { // somebody is at it already
	case <-w.done:
		return false
	case <-w.lead:
		return true
	}
}

// write writes what waits, for w and others.
func (s *Store) write(w *waiter) {
	defer s.group.handOn(w)
	conn, err := s.take(w.ctx)
	if err != nil {
		w.err = err
		return
	}
	defer conn.Close()
	batch := s.group.next(w)
	err = store.ErrBusy // for those who wait, if one of them panics
	defer func() {
		for _, each := range batch {
			if err != nil {
				each.receipt, each.err = store.Receipt{}, err
			}
			close(each.done)
		}
	}()
	err = s.writeAll(w.ctx, conn, batch, false)
	if errors.Is(err, errHalf) {
		err = s.writeAll(w.ctx, conn, batch, true)
	}
}

// errHalf is that an upload of a transaction was given up when parts of it were written.
var errHalf = errors.New("half an upload is written")

// writeAll writes a batch in one transaction. What one of them gives up is nothing to the others. Hardly any is given up once it has
// written something, and a savepoint before each would have every page that it changes written to a journal: they are set only
// when that has happened.
func (s *Store) writeAll(ctx context.Context, conn *sql.Conn, batch []*waiter, apart bool) error {
	err := s.inOne(context.WithoutCancel(ctx), conn, func(ctx context.Context, tx *sql.Tx) error {
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
	allowed, err := charge(ctx, tx, w.up.Charges, w.up.At)
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
