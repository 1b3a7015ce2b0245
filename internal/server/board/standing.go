package board

import (
	"cmp"
	"slices"
	"time"

	"tokenflex.ing/internal/server/store"
)

// fewLines is what a short board has at most.
const fewLines = 2_000

// Standing is who stood where on a board at one moment. Ranks in it are found by halving, whatever the board's length.
type Standing struct {
	Marks []store.Mark // in order
	Sum   int64        // of all lines' values
	At    time.Time
	crowd store.Crowd   // of a short board
	took  time.Duration // to read it
}

// Long reports whether the board has so many lines that it is not read anew for every request: what it says of others may be a
// minute old.
func (s *Standing) Long() bool { return len(s.Marks) > fewLines }

// Rank is one more than the lines with a greater value: ties share a rank.
func (s *Standing) Rank(value int64) int64 {
	i, _ := slices.BinarySearchFunc(s.Marks, value, func(m store.Mark, v int64) int { return cmp.Compare(v, m.Value) })
	return int64(i) + 1
}

// Place returns the rank that a user has with a value, of how many, whatever the standing still has of them.
func (s *Standing) Place(user, value int64) (rank, of int64) {
	rank, of = s.Rank(value), int64(len(s.Marks))
	if s.Long() { // one's own line makes no difference
		return rank, max(rank, of)
	}
	i := slices.IndexFunc(s.Marks, func(m store.Mark) bool { return m.User == user })
	switch {
	case i < 0:
		of++
	case s.Marks[i].Value > value:
		rank--
	}
	return rank, of
}

// Tied reports whether another line than the user's has the value.
func (s *Standing) Tied(value, user int64) bool {
	for i := s.Rank(value) - 1; i < int64(len(s.Marks)) && s.Marks[i].Value == value; i++ {
		if s.Marks[i].User != user {
			return true
		}
	}
	return false
}

// Preceding counts the lines that stand before the mark.
func (s *Standing) Preceding(m store.Mark) int64 {
	i, _ := slices.BinarySearchFunc(s.Marks, m, store.Mark.Compare)
	return int64(i)
}

// Around returns up to n marks right before m and up to n right after it, without m itself.
func (s *Standing) Around(m store.Mark, n int) (before, after []store.Mark) {
	i := int(s.Preceding(m))
	j := i
	if j < len(s.Marks) && s.Marks[j] == m {
		j++
	}
	return s.Marks[max(0, i-n):i], s.Marks[j:min(len(s.Marks), j+n)]
}
