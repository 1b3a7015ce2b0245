package board

import (
	"context"
	"sync"
	"time"

	"tokenflex.ing/internal/server/store"
)

const (
	fresh    = 30 * time.Second // a long board is kept for as long, and then read again behind the back of whoever asks
	stale    = time.Minute      // and at the latest after this, while they wait
	warm     = 15 * time.Minute // after somebody asked for a long board, Keep reads it again by itself; nothing is shown that is older
	every    = 5 * time.Second  // is how often Keep looks
	maxMarks = 4_000_000        // kept at once, of all boards: 64 MB
	leastFor = 4_000            // marks that any board counts for, so that there are no more than a thousand
	patience = time.Minute      // for reading a board
)

// Ranks keeps the standings of the boards that people look at, and what they add up to. It is safe for concurrent use.
type Ranks struct {
	Every int // times what reading a board took last until Recent reads it again, or what adding it up took until that is done again: ten, so that a tenth of the time goes into each
	store store.Boards
	now   func() time.Time
	mu    sync.Mutex
	kept  map[store.Board]*kept
	life  context.Context // of readings
	end   context.CancelFunc
	adder chan struct{} // held by whoever adds up a long board: one at a time
}

// kept is a board that somebody asked for.
type kept struct {
	mu    sync.Mutex
	last  *Standing
	asked time.Time
	now   *reading  // that goes on
	next  *reading  // that begins when it has ended
	sum   *sum      // of a long board, as it was last added up
	due   time.Time // when it may be added up again
	adds  *adding   // that goes on
}

// reading is one reading of a board, for all who wait for it. It goes on when they go away.
type reading struct {
	done     chan struct{}
	standing *Standing
	err      error
}

// NewRanks returns ranks of the boards of a store.
func NewRanks(s store.Boards, now func() time.Time) *Ranks {
	life, end := context.WithCancel(context.Background())
	return &Ranks{Every: 10, store: s, now: now, kept: make(map[store.Board]*kept), life: life, end: end, adder: make(chan struct{}, 1)}
}

// Of returns the board's standing: for a short board what holds everything that was uploaded before, for a long one what is at most a
// minute old.
func (r *Ranks) Of(ctx context.Context, b store.Board) (*Standing, error) {
	k := r.of(b)
	if s := k.usable(r.now()); s != nil {
		if r.now().Sub(s.At) > fresh {
			r.readBehind(b, k)
		}
		return s, nil
	}
	read := r.read(b, k)
	select {
	case <-read.done:
		return read.standing, read.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Keep reads some boards before anybody asks, and long ones again before they are too old for whoever comes next, as long as somebody
// asks for them now and then. It ends with ctx, and so does every reading.
func (r *Ranks) Keep(ctx context.Context, first ...store.Board) {
	defer r.end()
	for _, b := range first {
		r.wait(ctx, r.readBehind(b, r.of(b)))
	}
	again := time.NewTicker(every)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
			r.refresh(ctx)
		}
	}
}

// refresh reads what is old again, one board after the other, and drops what nobody asks for.
func (r *Ranks) refresh(ctx context.Context) {
	r.forget(store.Board{})
	for b, k := range r.old() {
		r.wait(ctx, r.readBehind(b, k))
		r.addAgain(ctx, b, k)
	}
}

func (r *Ranks) wait(ctx context.Context, read *reading) {
	if read != nil {
		await(ctx, read.done)
	}
}

// await waits for what is done, or until ctx ends.
func await(ctx context.Context, done <-chan struct{}) {
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// old returns the long boards that it is time to read again.
func (r *Ranks) old() map[store.Board]*kept {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	old := make(map[store.Board]*kept)
	for b, k := range r.kept {
		k.mu.Lock()
		if k.last != nil && k.last.Long() && now.Sub(k.last.At) > fresh && now.Sub(k.asked) < warm {
			old[b] = k
		}
		k.mu.Unlock()
	}
	return old
}

// Recent returns a standing for whoever must not wait long: one that was read within age, or that took a good part of the time since
// to read. While it is read again, the others take the one before. Of a long board everybody does, up to a quarter of an hour.
func (r *Ranks) Recent(ctx context.Context, b store.Board, age time.Duration) (*Standing, error) {
	k := r.of(b)
	s, old := k.recent(r.now(), age, r.Every)
	if s == nil {
		return r.Of(ctx, b)
	}
	if old {
		r.readBehind(b, k)
	}
	return s, nil
}

// recent is what was read last, if that will do, and whether it is to be read again.
func (k *kept) recent(now time.Time, age time.Duration, every int) (s *Standing, old bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last == nil {
		return nil, false
	}
	since := now.Sub(k.last.At)
	if since < max(age, time.Duration(every)*k.last.took) || k.now != nil && since <= stale {
		return k.last, false
	}
	if k.last.Long() && since <= warm {
		return k.last, since > fresh // no more often than for those who look at it
	}
	return nil, false
}

func (r *Ranks) of(b store.Board) *kept {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.kept[b]
	if k == nil {
		k = &kept{}
		r.kept[b] = k
	}
	k.mu.Lock()
	k.asked = r.now()
	k.mu.Unlock()
	return k
}

// usable is what was read last, if that will do.
func (k *kept) usable(now time.Time) *Standing {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last == nil || !k.last.Long() || now.Sub(k.last.At) > stale {
		return nil
	}
	return k.last
}

// read returns a reading that begins after the call: all who come while one goes on share the next.
func (r *Ranks) read(b store.Board, k *kept) *reading {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.now == nil {
		k.now = &reading{done: make(chan struct{})}
		go r.run(b, k, k.now)
		return k.now
	}
	if k.next == nil {
		k.next = &reading{done: make(chan struct{})}
	}
	return k.next
}

// readBehind reads a board again while the old standing is used. It is nil if somebody is at it.
func (r *Ranks) readBehind(b store.Board, k *kept) *reading {
	k.mu.Lock()
	going := k.now != nil
	k.mu.Unlock()
	if going {
		return nil
	}
	return r.read(b, k)
}

// run reads a board, and again if somebody came meanwhile. What turns out to be long will do for them.
func (r *Ranks) run(b store.Board, k *kept, this *reading) {
	ctx, cancel := context.WithTimeout(r.life, patience)
	defer cancel()
	this.standing, this.err = r.fetch(ctx, b, k)
	r.forget(b)
	k.mu.Lock()
	if this.err == nil {
		k.last = this.standing
	}
	next := k.next
	k.now, k.next = nil, nil
	if next != nil && this.err == nil && this.standing.Long() {
		next.standing = this.standing
		close(next.done)
	} else if next != nil {
		k.now = next
		go r.run(b, k, next)
	}
	k.mu.Unlock()
	close(this.done)
}

func (r *Ranks) fetch(ctx context.Context, b store.Board, k *kept) (*Standing, error) {
	s, begun := &Standing{At: r.now()}, time.Now()
	if err := r.store.Fresh(ctx); err != nil {
		return nil, err
	}
	var err error
	if s.Marks, err = r.store.Marks(ctx, b, k.about()); err != nil {
		return nil, err
	}
	for _, m := range s.Marks {
		s.Sum += m.Value
	}
	if !s.Long() {
		s.crowd, err = r.store.Crowd(ctx, b)
	}
	s.took = time.Since(begun)
	return s, err
}

// about is how many lines to expect.
func (k *kept) about() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last == nil {
		return 0
	}
	return len(k.last.Marks) + len(k.last.Marks)/64 + 16
}

// forget drops the boards that nobody has asked for in a while, and if that is not enough, for longest.
func (r *Ranks) forget(but store.Board) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		total := 0
		var oldest store.Board
		var asked time.Time
		for b, k := range r.kept {
			lines, at, busy := k.weight()
			if b == but || busy {
				continue
			}
			if r.now().Sub(at) > warm {
				delete(r.kept, b)
				continue
			}
			total += max(lines, leastFor)
			if asked.IsZero() || at.Before(asked) {
				oldest, asked = b, at
			}
		}
		if total <= maxMarks || asked.IsZero() {
			return
		}
		delete(r.kept, oldest)
	}
}

// weight is how many lines are kept, when somebody last asked for them, and whether they are being read or added up.
func (k *kept) weight() (lines int, asked time.Time, busy bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last != nil {
		lines = len(k.last.Marks)
	}
	return lines, k.asked, k.now != nil || k.adds != nil
}
