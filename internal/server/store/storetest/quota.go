package storetest

import (
	"errors"
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

// An upload counts before anything else, and against all quotas or none. Fails where one that does not fit is counted against those
// before it, where one that is refused for another reason is not counted, and where it is written all the same.
func testCharges(t *testing.T, s store.Store) {
	mira := enrol(t, s, "mira")
	a := store.Quota{Key: store.HashOf("a"), Every: time.Hour, Burst: 10}
	b := store.Quota{Key: store.HashOf("b"), Every: time.Hour, Burst: 3}
	left := func(want ...int) {
		t.Helper()
		for i, q := range []store.Quota{a, b} {
			if got := must[store.Allowance](t)(s.Take(t.Context(), q, 0, Noon)); got.Left != want[i] {
				t.Errorf("of quota %d %d are left, want %d", i, got.Left, want[i])
			}
		}
	}
	d := day("2026-11-23", "codex", "gpt-5", 7, 1)
	send := func(seq int64, rows int) error {
		up := upload(seq, d)
		up.Charges = []store.Charge{{Quota: a, N: 1}, {Quota: b, N: rows}}
		_, err := s.PutDays(t.Context(), mira, up)
		return err
	}
	if err := send(5, 2); err != nil {
		t.Fatal(err)
	}
	left(9, 1)
	var stale *store.ErrStale
	if err := send(4, 1); !errors.As(err, &stale) {
		t.Errorf("an older upload: %v", err)
	}
	left(8, 0)
	var over *store.ErrLimited
	d.Tokens.Input++
	if err := send(6, 2); !errors.As(err, &over) || over.Charge != 1 || over.Wait != 2*time.Hour {
		t.Errorf("an upload too many: %v", err)
	}
	left(8, 0)
	d.Tokens.Input--
	wantTotal(t, s, mira, d)
}

// Of many uploads at once by two devices exactly the burst is stored.
func testChargesAtOnce(t *testing.T, s store.Store) {
	mira := enrol(t, s, "mira")
	devices := []store.Actor{mira, pair(t, s, mira.User, "mira", "desktop")}
	q := store.Quota{Key: store.HashOf("a"), Every: time.Hour, Burst: 7}
	var passed, seq atomic.Int64
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			err := patiently(func() error {
				up := upload(seq.Add(1), day("2026-11-23", "codex", "gpt-5", 7, 1))
				up.Charges = []store.Charge{{Quota: q, N: 1}}
				_, err := s.PutDays(background, devices[i%2], up)
				var stale *store.ErrStale
				if errors.As(err, &stale) { // overtaken, and counted
					err = nil
				}
				return err
			})
			var over *store.ErrLimited
			if err == nil {
				passed.Add(1)
			} else if !errors.As(err, &over) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := passed.Load(); n != 7 {
		t.Errorf("%d of 40 passed, want 7", n)
	}
}
