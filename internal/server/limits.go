package server

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
	"tokenflex.ing/internal/wire"
)

// Limit lets Burst requests through at once and then one every Every.
type Limit struct {
	Name  string
	Every time.Duration
	Burst int
}

// Limits bound how much anybody may ask.
type Limits struct {
	Anonymous   Limit // pages and public JSON, per address
	Token       Limit // other API requests of a token
	IngestToken Limit // uploads of a token
	IngestUser  Limit // uploads of an account
	DeviceCode  Limit // new device codes, per address
	DevicePoll  Limit // polls and revocations, per address
	WrongCode   Limit // wrong user codes of an account
	Lookup      Limit // wrong user codes, per address
	SignIn      Limit // one-time links tried, per address
	InFlight    int64 // requests at once, all together
}

// DefaultLimits suit one instance in front of people and their clients.
func DefaultLimits() Limits {
	return Limits{
		Anonymous:   Limit{"anonymous", time.Minute / 120, 120},
		Token:       Limit{"token", time.Minute / 120, 120},
		IngestToken: Limit{"ingest-token", time.Hour / 30, 10},
		IngestUser:  Limit{"ingest-user", time.Hour / 60, 30},
		DeviceCode:  Limit{"device-code", time.Hour / 10, 10},
		DevicePoll:  Limit{"device-poll", time.Second / 2, 120},
		WrongCode:   Limit{"wrong-code", 2 * time.Minute, 5},
		Lookup:      Limit{"lookup", time.Hour / 10, 10},
		SignIn:      Limit{"sign-in", time.Minute, 10},
		InFlight:    256,
	}
}

// Scale multiplies what is let through, for many people behind one address.
func (l Limits) Scale(factor int) Limits {
	for _, each := range []*Limit{&l.Anonymous, &l.Token, &l.IngestToken, &l.IngestUser, &l.DeviceCode, &l.DevicePoll, &l.WrongCode, &l.Lookup, &l.SignIn} {
		each.Every /= time.Duration(factor)
		each.Burst *= factor
	}
	l.InFlight *= int64(factor)
	return l
}

// limiter counts, in this process alone.
type limiter struct {
	mu       sync.Mutex
	buckets  map[bucket]*rate.Limiter
	sweepAt  time.Time
	inFlight atomic.Int64
	cap      int64
}

type bucket struct{ limit, subject string }

func newLimiter(l Limits) *limiter {
	return &limiter{buckets: make(map[bucket]*rate.Limiter), cap: l.InFlight}
}

// take counts one request and returns how long to wait if it is one too many.
func (l *limiter) take(limit Limit, subject string, now time.Time) (wait time.Duration, ok bool) {
	b := l.bucket(limit, subject, now)
	r := b.ReserveN(now, 1)
	if d := r.DelayFrom(now); d > 0 {
		r.CancelAt(now)
		return d, false
	}
	return 0, true
}

// full reports whether the next request would be one too many, without counting one.
func (l *limiter) full(limit Limit, subject string, now time.Time) (wait time.Duration, full bool) {
	tokens := l.bucket(limit, subject, now).TokensAt(now)
	if tokens >= 1 {
		return 0, false
	}
	return time.Duration((1 - tokens) * float64(limit.Every)), true
}

// left returns how many requests would be let through now.
func (l *limiter) left(limit Limit, subject string, now time.Time) int {
	return int(l.bucket(limit, subject, now).TokensAt(now))
}

func (l *limiter) bucket(limit Limit, subject string, now time.Time) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	k := bucket{limit.Name, subject}
	b := l.buckets[k]
	if b == nil {
		b = rate.NewLimiter(rate.Every(limit.Every), limit.Burst)
		l.buckets[k] = b
	}
	return b
}

// sweep forgets the buckets that have filled up again: they say the same as new ones.
func (l *limiter) sweep(now time.Time) {
	if now.Before(l.sweepAt) {
		return
	}
	l.sweepAt = now.Add(time.Minute)
	for k, b := range l.buckets {
		if b.TokensAt(now) >= float64(b.Burst()) {
			delete(l.buckets, k)
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
func (s *Server) take(w http.ResponseWriter, limit Limit, subject string) error {
	wait, ok := s.limiter.take(limit, subject, s.Now())
	if ok {
		return nil
	}
	return limited(w, limit, wait)
}

func limited(w http.ResponseWriter, limit Limit, wait time.Duration) error {
	window := limit.Every * time.Duration(limit.Burst)
	w.Header().Set("RateLimit-Policy", fmt.Sprintf("%q;q=%d;w=%d", limit.Name, limit.Burst, seconds(window)))
	w.Header().Set("RateLimit", fmt.Sprintf("%q;r=0;t=%d", limit.Name, seconds(wait)))
	return &refusal{code: wire.RateLimited, limit: limit.Name, retry: wait, detail: fmt.Sprintf("try again in %d s", seconds(wait))}
}
