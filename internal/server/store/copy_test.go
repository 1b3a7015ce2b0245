package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A part that is in several which count is told as a copy of the one that has most of it.
func TestCopiesAreOfTheNearest(t *testing.T) {
	cell := Cell{"2026-11-20", "codex"}
	for _, tt := range []struct {
		from, to int
		want     Copy
	}{
		{35, 55, Copy{Device: 3, Original: 2, Cell: cell, Share: 100}}, {20, 40, Copy{Device: 3, Original: 1, Cell: cell, Share: 100}},
		{48, 68, Copy{Device: 3, Original: 2, Cell: cell, Share: 100}}, {20, 50, Copy{Device: 3, Original: 1, Cell: cell, Share: 100}},
		{25, 45, Copy{Device: 3, Original: 1, Cell: cell, Share: 100}}, {70, 82, Copy{Device: 3, Original: 2, Cell: cell, Share: 75}},
	} {
		o := Overlap{Named: map[Cell]bool{cell: true}, Size: make(map[Place]int64)}
		for i, of := range [][2]int{{0, 50}, {30, 79}, {tt.from, tt.to}} {
			p := Place{int64(i + 1), cell}
			o.Parts = append(o.Parts, Sketched{p, sketchOf(of[0], of[1])})
			o.Size[p] = int64(of[1] - of[0])
		}
		if diff := cmp.Diff(map[Place]Copy{{3, cell}: tt.want}, o.Copies()); diff != "" {
			t.Errorf("%d to %d (-want +got):\n%s", tt.from, tt.to, diff)
		}
	}
}
