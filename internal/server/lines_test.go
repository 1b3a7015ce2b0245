package server

import (
	"context"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
)

// While uploads come lines rest for as long as they may, and for ever shorter the longer they have waited. Fails where boards fall behind for
// good under uploads that do not end.
func TestLinesComeFirstOnceTheyAreLate(t *testing.T) {
	const took = 20 * time.Millisecond
	last := restBeside(0, took)
	if last <= took {
		t.Errorf("at first they rest for %v", last)
	}
	for lag := time.Duration(0); lag <= 5*time.Minute; lag += time.Second {
		rest := restBeside(lag, took)
		if rest > last {
			t.Errorf("after %v they rest for %v, before %v", lag, rest, last)
		}
		last = rest
	}
	if last != 0 {
		t.Errorf("after five minutes they still rest for %v", last)
	}
}

// behindSince is a store whose oldest change came at a time, and counts who asks.
type behindSince struct {
	store.Store
	since time.Time
	asked int
}

func (b *behindSince) Behind(context.Context) (store.Behind, error) {
	b.asked++
	return store.Behind{Accounts: 1, Since: b.since}, nil
}

// How late lines are is asked of the store once a second at most.
func TestLagIsAskedOnceASecond(t *testing.T) {
	b := newBench(t)
	late := &behindSince{Store: b.store, since: b.s.Now().Add(-42 * time.Second)}
	b.s.Store = late
	for range 5 {
		if lag := b.s.lag(t.Context()); lag != 42*time.Second {
			t.Errorf("a lag of %v", lag)
		}
	}
	if late.asked > 2 { // the second may end in between
		t.Errorf("asked %d times", late.asked)
	}
	b.s.lagging.Store(&lagging{at: time.Now().Add(-2 * time.Second), lag: time.Hour})
	if lag := b.s.lag(t.Context()); lag != 42*time.Second {
		t.Errorf("a lag of %v is kept", lag)
	}
}
