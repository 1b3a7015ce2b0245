package board

import (
	"context"
	"time"

	"tokenflex.ing/internal/server/store"
)

const (
	sumPatience = time.Second     // that a long board is waited for when it is added up for the first time
	sumAgain    = 5 * time.Second // until it is tried again if it could not be added up
)

// sum is what a long board added up to.
type sum struct {
	crowd store.Crowd
	at    time.Time
}

// adding is one time a board is added up, for all who wait for it. It goes on when they go away.
type adding struct {
	begun time.Time
	done  chan struct{}
	sum   *sum
	err   error
}

// Crowd returns what the board of a standing adds up to. Every line has to be read whole for that, of a million in seconds, so on a long
// board nobody waits for it: they get the sum before while a new one is made, up to a quarter of an hour old. Where there is none it is not
// known a second after that was begun; an error says why it could not be made.
func (r *Ranks) Crowd(ctx context.Context, b store.Board, of *Standing) (c store.Crowd, known bool, err error) {
	if !of.Long() {
		return of.crowd, true, nil
	}
	last, going := r.add(b, r.of(b))
	if last != nil {
		return last.crowd, true, nil
	}
	if going == nil {
		return c, false, nil
	}
	enough := time.NewTimer(sumPatience - time.Since(going.begun))
	defer enough.Stop()
	select {
	case <-going.done:
		if going.err != nil {
			return c, false, going.err
		}
		return going.sum.crowd, true, nil
	case <-enough.C:
		return c, false, nil
	case <-ctx.Done():
		return c, false, ctx.Err()
	}
}

// add returns the board's last sum and, if another is being made, who is at it. It begins where it is time.
func (r *Ranks) add(b store.Board, k *kept) (last *sum, going *adding) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := r.now()
	if k.adds == nil && !now.Before(k.due) {
		k.adds = &adding{begun: time.Now(), done: make(chan struct{})}
		go r.runAdding(b, k, k.adds)
	}
	if k.sum != nil && now.Sub(k.sum.at) <= warm {
		last = k.sum
	}
	return last, k.adds
}

// addAgain adds a board up again that somebody has asked that of, and waits for it.
func (r *Ranks) addAgain(ctx context.Context, b store.Board, k *kept) {
	k.mu.Lock()
	wanted := !k.due.IsZero()
	k.mu.Unlock()
	if !wanted {
		return
	}
	if _, going := r.add(b, k); going != nil {
		await(ctx, going.done)
	}
}

// runAdding adds a board up, and says when it is time to do it again: no sooner than ranks are read again, and so that a small part of
// the time goes into it.
func (r *Ranks) runAdding(b store.Board, k *kept, this *adding) {
	defer close(this.done)
	var took time.Duration
	this.sum, took, this.err = r.addUp(b)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.adds = nil
	rest := sumAgain
	if this.err == nil {
		k.sum, rest = this.sum, fresh
	}
	k.due = r.now().Add(max(rest, time.Duration(r.Every)*took))
}

// addUp adds a board up when no other is.
func (r *Ranks) addUp(b store.Board) (s *sum, took time.Duration, err error) {
	select {
	case r.adder <- struct{}{}:
	case <-r.life.Done():
		return nil, 0, r.life.Err()
	}
	defer func() { <-r.adder }()
	ctx, cancel := context.WithTimeout(r.life, patience)
	defer cancel()
	s = &sum{at: r.now()}
	begun := time.Now()
	s.crowd, err = r.store.Crowd(ctx, b)
	return s, time.Since(begun), err
}
