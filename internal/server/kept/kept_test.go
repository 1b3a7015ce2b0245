package kept

import (
	"testing"
	"time"
)

// As many as were promised are kept, twice as many at most, the last of a key wins, and the oldest go first.
func TestTheLastAreKept(t *testing.T) {
	c := New[int, int](3, time.Minute, func() time.Time { return time.Unix(0, 0) })
	for i := range 100 {
		c.Put(i, i)
		c.Put(i, 10*i)
		found := 0
		for k := range 100 {
			v, ok := c.Get(k)
			if ok && v != 10*k {
				t.Fatalf("%d is %d", k, v)
			}
			if ok {
				found++
			} else if k <= i && k > i-3 {
				t.Fatalf("after %d, %d is gone", i, k)
			}
		}
		if found > 6 {
			t.Fatalf("%d are kept", found)
		}
	}
}

// Nothing is found after its time, nor in memory once somebody looks, whatever the clock does.
func TestNothingIsKeptLonger(t *testing.T) {
	at := time.Unix(1_000_000, 0)
	for _, tt := range []struct {
		wait time.Duration
		kept bool
	}{{0, true}, {19 * time.Second, true}, {time.Minute, false}, {time.Hour, false}, {-time.Second, false}} {
		c := New[string, int](9, time.Minute, func() time.Time { return at })
		c.Put("a", 1)
		at = at.Add(tt.wait)
		if _, ok := c.Get("a"); ok != tt.kept || len(c.new)+len(c.old) > 0 != tt.kept {
			t.Errorf("after %v it is kept: %v", tt.wait, ok)
		}
	}
	c := New[int, int](999, time.Minute, func() time.Time { return at })
	put := make(map[int]time.Time)
	for i := range 300 {
		c.Put(i, i)
		put[i] = at
		at = at.Add(7 * time.Second)
		for k, when := range put {
			if _, ok := c.Get(k); ok && at.Sub(when) >= time.Minute || !ok && at.Sub(when) < 14*time.Second {
				t.Fatalf("%v after it was put in, it is kept: %v", at.Sub(when), ok)
			}
		}
	}
}
