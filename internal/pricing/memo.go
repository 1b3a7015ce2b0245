package pricing

import (
	"strings"
	"sync"
)

// maxMemo is how many names a table remembers. Names come from outside, so there may be more.
const maxMemo = 1024

// memo remembers what names lead to: to take forms off a name takes fifty times as long as to look it up. A book does not change.
type memo struct {
	mu sync.RWMutex
	by map[string]*found
}

// of returns what is remembered of the name, or else what search says.
func (m *memo) of(name string, search func(string) *found) *found {
	m.mu.RLock()
	f := m.by[name]
	m.mu.RUnlock()
	if f != nil {
		return f
	}
	f = search(name)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.by == nil || len(m.by) >= maxMemo {
		m.by = make(map[string]*found)
	}
	m.by[strings.Clone(name)] = f // it may be a part of something large
	return f
}
