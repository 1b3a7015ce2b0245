package board

import (
	"context"
	"time"

	"tokenflex.ing/internal/server/store"
)

// sumPatience is how long whoever looks at a long board waits for what it adds up to, where nobody has added it up yet.
const sumPatience = time.Second

// sum is what a long board added up to.
type sum struct {
	crowd store.Crowd
	at    time.Time
	took  time.Duration
}

// old reports whether it is time to add up again: no sooner than the ranks are read again, and so that a small part of the time goes into it.
func (s *sum) old(now time.Time, every int) bool {
	return s == nil || now.Sub(s.at) > max(fresh, time.Duration(every)*s.took)
}

// adding is one time a board is added up, for all who wait for it. It goes on when they go away.
type adding struct {
	done chan struct{}
	sum  *sum
	err  error
}

// Crowd returns what the board of a standing adds up to. Every line has to be read whole for that, of a million in seconds, so on a long
// board nobody waits for it: they get the sum before while a new one is made. Where there is none before, it is not known after a second.
func (r *Ranks) Crowd(ctx context.Context, b store.Board, of *Standing) (c store.Crowd, known bool, err error) {
	if !of.Long() {
		return of.crowd, true, nil
	}
	last, going := r.add(b, r.of(b))
	if last != nil {
		return last.crowd, true, nil
	}
	enough := time.NewTimer(sumPatience)
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

// add returns the board's last sum and, where it is time for another, who is at it.
func (r *Ranks) add(b store.Board, k *kept) (last *sum, going *adding) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.adds == nil && k.sum.old(r.now(), r.Every) {
		k.adds = &adding{done: make(chan struct{})}
		go r.runAdding(b, k, k.adds)
	}
	if k.sum != nil && r.now().Sub(k.sum.at) > warm { // it could not be made again all that time
		return nil, k.adds
	}
	return k.sum, k.adds
}

// addAgain adds a board up again that somebody has asked that of, and waits for it.
func (r *Ranks) addAgain(ctx context.Context, b store.Board, k *kept) {
	k.mu.Lock()
	wanted := k.sum != nil
	k.mu.Unlock()
	if !wanted {
		return
	}
	if _, going := r.add(b, k); going != nil {
		select {
		case <-going.done:
		case <-ctx.Done():
		}
	}
}

// runAdding adds a board up when no other is.
func (r *Ranks) runAdding(b store.Board, k *kept, this *adding) {
	defer close(this.done)
	this.sum, this.err = r.addUp(b)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.adds = nil
	if this.err == nil {
		k.sum = this.sum
	}
}

func (r *Ranks) addUp(b store.Board) (*sum, error) {
	select {
	case r.adder <- struct{}{}:
	case <-r.life.Done():
		return nil, r.life.Err()
	}
	defer func() { <-r.adder }()
	ctx, cancel := context.WithTimeout(r.life, patience)
	defer cancel()
	s, begun := &sum{at: r.now()}, time.Now()
	var err error
	s.crowd, err = r.store.Crowd(ctx, b)
	s.took = time.Since(begun)
	return s, err
}
