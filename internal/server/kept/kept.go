// Package kept keeps what was worked out last, as much as fits and for a short time. It knows nothing of what it keeps.
package kept

import (
	"sync"
	"time"
)

// Values keeps values by what they were worked out from. It is safe for concurrent use.
type Values[K comparable, V any] struct {
	most     int           // in each half
	life     time.Duration // of a half, until somebody looks and it is the old one
	now      func() time.Time
	mu       sync.Mutex
	born     time.Time // when new was empty
	new, old map[K]V
}

// New returns a place for at least most values, and twice as many at most, none of which is found after life. A half is at most two
// thirds of it old when it is put away, and is gone a third later.
func New[K comparable, V any](most int, life time.Duration, now func() time.Time) *Values[K, V] {
	return &Values[K, V]{most: most, life: life / 3, now: now, new: make(map[K]V)}
}

// Get returns the value that was put in last for k, if it is still there.
func (c *Values[K, V]) Get(k K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.age()
	if v, ok := c.new[k]; ok {
		return v, true
	}
	v, ok := c.old[k]
	return v, ok
}

// Put keeps v for k.
func (c *Values[K, V]) Put(k K, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.age()
	if len(c.new) >= c.most {
		c.turn()
	}
	c.new[k] = v
}

// age lets go of what is too old.
func (c *Values[K, V]) age() {
	since := c.now().Sub(c.born)
	if since >= c.life || since < 0 {
		c.turn()
	}
	if since >= 2*c.life || since < 0 { // a clock that went back says nothing of any age
		c.old = nil
	}
}

func (c *Values[K, V]) turn() {
	c.new, c.old, c.born = make(map[K]V), c.new, c.now()
}
