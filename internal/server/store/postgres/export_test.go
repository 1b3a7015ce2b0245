package postgres

import "tokenflex.ing/internal/usage"

// WriteAtOnce sets how many transactions of uploads are on their way at once: with fewer, more of them share one.
func (s *Store) WriteAtOnce(most int) { s.group.most, s.group.limit = most, most }

// Forget drops what the server remembers of accounts.
func (s *Store) Forget() {
	s.recents.mu.Lock()
	defer s.recents.mu.Unlock()
	s.recents.of, s.recents.by, s.recents.rows = nil, nil, 0
}

// Waiting is how many uploads wait for others to be written.
func (s *Store) Waiting() int {
	s.group.mu.Lock()
	defer s.group.mu.Unlock()
	return len(s.group.waiting)
}

// WriteWhenStuck sets how many there are when those on their way are stuck.
func (s *Store) WriteWhenStuck(limit int) { s.group.limit = limit }

// Sound reports whether a row may come into an inbox. A row without a price has no cost.
func Sound(d usage.Day) bool {
	r := rowOf(d)
	r.Cost = d.Cost
	return r.sound()
}
