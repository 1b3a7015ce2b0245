package storetest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
)

// A quota lets its burst through, says to the nanosecond when the next fits, and is whole again in time. Fails if what is
// left is not kept.
func testQuotas(t *testing.T, s store.Store) {
	q := store.Quota{Key: store.HashOf("a"), Every: 12 * time.Second, Burst: 5}
	take := func(q store.Quota, n int, at time.Duration, want store.Allowance) {
		t.Helper()
		if got := must[store.Allowance](t)(s.Take(t.Context(), q, n, Noon.Add(at))); got != want {
			t.Errorf("%d taken after %s: %+v, want %+v", n, at, got, want)
		}
	}
	take(q, 0, 0, store.Allowance{Left: 5})
	for left := 4; left >= 0; left-- {
		take(q, 1, 0, store.Allowance{Left: left})
	}
	take(q, 1, 0, store.Allowance{Wait: 12 * time.Second})
	take(q, 0, 0, store.Allowance{Wait: 12 * time.Second})
	take(q, 1, 12*time.Second-1, store.Allowance{Wait: 1})
	take(q, 1, 12*time.Second, store.Allowance{})
	take(q, 3, 36*time.Second, store.Allowance{Left: 2, Wait: 12 * time.Second})
	take(q, 2, 36*time.Second, store.Allowance{})
	take(q, 1, time.Hour, store.Allowance{Left: 4})
	take(q, 6, time.Hour, store.Allowance{Left: 4, Wait: 24 * time.Second})
	take(q, 1, -time.Hour, store.Allowance{}) // a clock that went back: one is let through, and the quota is used up
	take(q, 1, -time.Hour, store.Allowance{Wait: 12 * time.Second})
	take(q, 1, -time.Hour+12*time.Second, store.Allowance{})
	other := q
	other.Key = store.HashOf("b")
	take(other, 1, 0, store.Allowance{Left: 4})
}

// Of many requests at once exactly the burst passes. Fails if reading and writing are two steps.
func testQuotasAtOnce(t *testing.T, s store.Store) {
	q := store.Quota{Key: store.HashOf("a"), Every: time.Hour, Burst: 7}
	var passed atomic.Int64
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			var a store.Allowance
			err := patiently(func() (err error) {
				a, err = s.Take(background, q, 1, Noon)
				return err
			})
			if err != nil {
				t.Error(err)
			} else if a.Wait == 0 {
				passed.Add(1)
			}
		})
	}
	wg.Wait()
	if n := passed.Load(); n != 7 {
		t.Errorf("%d of 40 passed, want 7", n)
	}
}
