package board

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
)

func mark(value, user int64) store.Mark { return store.Mark{Value: value, User: user} }

func TestStanding(t *testing.T) {
	s := Standing{Marks: []store.Mark{mark(50, 1), mark(40, 9), mark(40, 7), mark(40, 2), mark(30, 5)}}
	for value, want := range map[int64]int64{60: 1, 50: 1, 45: 2, 40: 2, 35: 5, 30: 5, 1: 6} {
		if got := s.Rank(value); got != want {
			t.Errorf("rank of %d is %d, want %d", value, got, want)
		}
	}
	for m, want := range map[store.Mark]int64{mark(50, 1): 0, mark(40, 9): 1, mark(40, 2): 3, mark(40, 8): 2, mark(30, 5): 4, mark(1, 1): 5} {
		if got := s.Preceding(m); got != want {
			t.Errorf("%d before %v, want %d", got, m, want)
		}
	}
	if !s.Tied(40, 7) || s.Tied(50, 1) || s.Tied(45, 1) || !s.Tied(50, 2) {
		t.Error("ties")
	}
	before, after := s.Around(mark(40, 7), 2)
	if diff := cmp.Diff([][]store.Mark{{mark(50, 1), mark(40, 9)}, {mark(40, 2), mark(30, 5)}}, [][]store.Mark{before, after}); diff != "" {
		t.Errorf("around a line (-want +got):\n%s", diff)
	}
	before, after = s.Around(mark(45, 3), 1) // who is not on the board
	if diff := cmp.Diff([][]store.Mark{{mark(50, 1)}, {mark(40, 9)}}, [][]store.Mark{before, after}); diff != "" {
		t.Errorf("around no line (-want +got):\n%s", diff)
	}
}

// A standing that was read before the user's last upload says the place that they have with it: new on the board, risen or fallen.
func TestPlaceIsThatOfTheValueAtHand(t *testing.T) {
	s := Standing{Marks: []store.Mark{{Value: 90, User: 1}, {Value: 50, User: 2}, {Value: 10, User: 3}}}
	for _, tt := range []struct{ user, value, rank, of int64 }{
		{4, 60, 2, 4}, {4, 100, 1, 4}, {3, 60, 2, 3}, {1, 20, 2, 3}, {2, 50, 2, 3}, {3, 50, 2, 3},
	} {
		if rank, of := s.Place(tt.user, tt.value); rank != tt.rank || of != tt.of {
			t.Errorf("user %d with %d is %d of %d, want %d of %d", tt.user, tt.value, rank, of, tt.rank, tt.of)
		}
	}
}
