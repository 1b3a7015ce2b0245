package server

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// limiter counts requests: in the store, so that all servers of it count together, behind a count in this process that keeps
// floods away from it.
type limiter struct {
	quotas   store.Quotas
	mu       sync.Mutex
	buckets  map[bucket]*rate.Limiter
	advances map[bucket]advance
	takers   map[bucket]*taker
	sweepAt  time.Time
	inFlight atomic.Int64
	cap      int64
}

type bucket struct{ limit, subject string }

// slack is how many times the limit this process lets through to the store: the others may have let nothing through.
const slack = 2

func newLimiter(l Limits, quotas store.Quotas) *limiter {
	return &limiter{quotas: quotas, buckets: make(map[bucket]*rate.Limiter), advances: make(map[bucket]advance), takers: make(map[bucket]*taker), cap: l.InFlight}
}

// take counts n requests and returns how many are left, or how long to wait if they are too many. With n of 0 it only asks
// whether one more is let through. If the store cannot count, what only reads is let through.
func (l *limiter) take(ctx context.Context, limit Limit, subject string, n int, now time.Time) (store.Allowance, error) {
	stored := !limit.Reads || l.quotas.Shared()
	if a := l.takeHere(limit, subject, n, now, stored); a.Wait > 0 || !stored {
		return a, nil
	}
	q := quota(limit, subject)
	if !limit.Reads || n == 0 {
		return l.quotas.Take(ctx, q, n, now)
	}
	a, err := l.takeAhead(ctx, q, bucket{limit.Name, subject}, n, now)
	if err != nil {
		return store.Allowance{Left: 1}, nil
	}
	return a, nil
}

// advance is what was taken from the store for requests that are still to come. It ends when so many would have come back by
// themselves, so that nobody has more in all than the limit.
type advance struct {
	left        int
	from, until time.Time
}

// holds reports whether the advance can be used. Who waited for it came before it was taken; a clock that has gone back is further back.
func (a advance) holds(now time.Time) bool { return a.from.Sub(now) <= patience && now.Before(a.until) }

// ahead is the part of a limit that is taken in one go, so that who reads a lot costs a statement now and then.
const ahead = 12

// taker is who takes ahead for a bucket, and how many do or wait to.
type taker struct {
	turn store.Turn
	n    int
}

// takeTurn lets one at a time take ahead for a bucket: of many who read at once each would take a part, and use one of it.
func (l *limiter) takeTurn(ctx context.Context, b bucket) (leave func(), err error) {
	l.mu.Lock()
	t := l.takers[b]
	if t == nil {
		t = &taker{turn: store.NewTurn()}
		l.takers[b] = t
	}
	t.n++
	l.mu.Unlock()
	gone := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if t.n--; t.n == 0 {
			delete(l.takers, b)
		}
	}
	if err := t.turn.Take(ctx); err != nil {
		gone()
		return nil, err
	}
	return func() { t.turn.Leave(); gone() }, nil
}

// takeAhead takes from what was taken before, or else a part of the limit, or what is asked for if there is no more.
func (l *limiter) takeAhead(ctx context.Context, q store.Quota, b bucket, n int, now time.Time) (store.Allowance, error) {
	if left, ok := l.spend(b, n, now); ok {
		return store.Allowance{Left: left}, nil
	}
	leave, err := l.takeTurn(ctx, b)
	if err != nil {
		return store.Allowance{}, err
	}
	defer leave()
	if left, ok := l.spend(b, n, now); ok { // whoever was before took for others too
		return store.Allowance{Left: left}, nil
	}
	most := max(n, q.Burst/ahead)
	a, err := l.quotas.Take(ctx, q, most, now)
	switch {
	case err != nil:
	case a.Wait == 0:
		l.putBy(b, advance{most - n, now, now.Add(q.Every * time.Duration(most))})
	case n < most:
		return l.quotas.Take(ctx, q, n, now)
	}
	return a, err
}

func (l *limiter) spend(b bucket, n int, now time.Time) (left int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.advances[b]
	if a.left < n || !a.holds(now) {
		return 0, false
	}
	a.left -= n
	l.advances[b] = a
	return a.left, true
}

func (l *limiter) putBy(b bucket, a advance) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a.left > 0 {
		l.advances[b] = a
	}
}

// takeHere counts in this process.
func (l *limiter) takeHere(limit Limit, subject string, n int, now time.Time, loose bool) store.Allowance {
	b := l.bucket(limit, subject, now, loose)
	if n == 0 {
		if tokens := b.TokensAt(now); tokens < 1 {
			return store.Allowance{Wait: time.Duration((1 - tokens) / float64(b.Limit()) * float64(time.Second))}
		}
		return store.Allowance{Left: int(b.TokensAt(now))}
	}
	r := b.ReserveN(now, n)
	if !r.OK() {
		return store.Allowance{Wait: limit.Every * time.Duration(n)}
	}
	if d := r.DelayFrom(now); d > 0 {
		r.CancelAt(now)
		return store.Allowance{Wait: d}
	}
	return store.Allowance{Left: int(b.TokensAt(now))}
}

func (l *limiter) bucket(limit Limit, subject string, now time.Time, loose bool) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	k := bucket{limit.Name, subject}
	b := l.buckets[k]
	if b == nil {
		every, burst := limit.Every, limit.Burst
		if loose {
			every, burst = every/slack, burst*slack
		}
		b = rate.NewLimiter(rate.Every(every), burst)
		l.buckets[k] = b
	}
	return b
}

// sweep forgets the buckets that have filled up again: they say the same as new ones.
func (l *limiter) sweep(now time.Time) {
	if now.Before(l.sweepAt) && l.sweepAt.Sub(now) <= time.Minute {
		return
	}
	l.sweepAt = now.Add(time.Minute)
	for k, b := range l.buckets {
		if b.TokensAt(now) >= float64(b.Burst()) {
			delete(l.buckets, k)
		}
	}
	for k, a := range l.advances {
		if !a.holds(now) {
			delete(l.advances, k)
		}
	}
}

// enter counts a request in, unless too many are at work. Probes always come in.
func (l *limiter) enter(k kind) bool {
	if n := l.inFlight.Add(1); n > l.cap && k != open {
		l.inFlight.Add(-1)
		return false
	}
	return true
}

func (l *limiter) leave() { l.inFlight.Add(-1) }

// take refuses a request that is one too many, and says so in the headers.
func (s *Server) take(w http.ResponseWriter, r *http.Request, limit Limit, subject string) error {
	return s.takeMany(w, r, limit, subject, 1)
}

func (s *Server) takeMany(w http.ResponseWriter, r *http.Request, limit Limit, subject string, n int) error {
	a, err := s.limiter.take(r.Context(), limit, subject, n, s.Now())
	if err != nil {
		return err
	}
	if a.Wait == 0 {
		return nil
	}
	return limited(w, limit, a.Wait)
}

// spentFor reports how long to wait before one more is let through, and a moment if that cannot be told.
func (s *Server) spentFor(r *http.Request, limit Limit, subject string) time.Duration {
	a, err := s.limiter.take(r.Context(), limit, subject, 0, s.Now())
	if err != nil {
		return time.Second
	}
	return a.Wait
}

func limited(w http.ResponseWriter, limit Limit, wait time.Duration) error {
	window := limit.Every * time.Duration(limit.Burst)
	w.Header().Set("RateLimit-Policy", fmt.Sprintf("%q;q=%d;w=%d", limit.Name, limit.Burst, seconds(window)))
	w.Header().Set("RateLimit", fmt.Sprintf("%q;r=0;t=%d", limit.Name, seconds(wait)))
	return &refusal{code: wire.RateLimited, limit: limit.Name, retry: wait, detail: fmt.Sprintf("try again in %d s", seconds(wait))}
}
