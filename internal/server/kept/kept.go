// Package kept keeps what was worked out last, as much as fits, and forgets what was put in longest ago. It knows nothing of what it keeps.
package kept

import "sync"

// Values keeps values by what they were worked out from. It is safe for concurrent use.
type Values[K comparable, V any] struct {
	most     int // in each half
	mu       sync.Mutex
	new, old map[K]V
}

// New returns a place for at least most values, and twice as many at most.
func New[K comparable, V any](most int) *Values[K, V] {
	return &Values[K, V]{most: most, new: make(map[K]V)}
}

// Get returns the value that was put in last for k, if it is still there.
func (c *Values[K, V]) Get(k K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
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
	if len(c.new) >= c.most {
		c.new, c.old = make(map[K]V), c.new
	}
	c.new[k] = v
}
