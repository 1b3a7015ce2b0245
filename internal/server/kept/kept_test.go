package kept

import "testing"

// As many as were promised are kept, twice as many at most, the last of a key wins, and the oldest go first.
func TestTheLastAreKept(t *testing.T) {
	c := New[int, int](3)
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
