package ledger

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/usage"
)

// What is counted of a ledger that changed is what is counted of all of it anew, whatever went, came and is skipped.
func TestChangesAreCountedAsTheWholeIs(t *testing.T) {
	quick := 0
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 7))
		dir := t.TempDir()
		for range 8 {
			l := open(t, dir)
			var live, drop []uint32
			for id := range l.groups {
				if l.groups[id].live {
					live = append(live, uint32(id))
				}
			}
			for _, id := range live {
				if random.IntN(5) == 0 {
					drop = append(drop, id)
				}
			}
			add := make([]Group, random.IntN(4))
			for i := range add {
				add[i] = Group{Cells: randomCells(random)}
			}
			l.Regroup(drop, add, make([][]int, len(add)))
			var skip func(source string, slot int64) bool
			if random.IntN(3) == 0 {
				from := slotOf(&usage.Cell{Start: noon}) + int64(random.IntN(6))
				skip = func(source string, slot int64) bool { return source == "a" && slot >= from }
			}
			want, err := l.count(nil, skip)
			if err != nil {
				t.Fatal(err)
			}
			ready := l.ready
			cells, records, err := l.Cells(skip)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.cells, cells) + cmp.Diff(want.records, records); diff != "" {
				t.Fatalf("seed %d (-anew +changed)\n%s", seed, diff)
			}
			if !slices.ContainsFunc(slices.Collect(maps.Keys(ready.sharing)), func(id uint32) bool { return !l.groups[id].live }) {
				quick++
			}
			if err := l.Save(random.IntN(6) == 0); err != nil {
				t.Fatal(err)
			}
			l.Close()
		}
	}
	if quick < 60 {
		t.Errorf("only %d were counted by what changed", quick)
	}
}

func randomCells(random *rand.Rand) []Cell {
	var all []Cell
	for range random.IntN(6) {
		c := Cell{Records: 1 + int64(random.IntN(3))}
		c.Start = noon.Add(time.Duration(random.IntN(8)) * usage.Slot)
		c.Source, c.Model, c.Session = []string{"a", "b"}[random.IntN(2)], "m", fmt.Sprint(random.IntN(12))
		c.Requests, c.Tokens = c.Records, usage.Tokens{Output: int64(random.IntN(9))}
		c.First = c.Start.Add(time.Duration(random.IntN(5)) * time.Minute)
		c.Last = c.First.Add(time.Duration(random.IntN(5)) * time.Minute)
		if !slices.ContainsFunc(all, func(other Cell) bool { return other.Compare(&c.Cell) == 0 }) {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b Cell) int { return a.Compare(&b.Cell) })
	return all
}

// A cell with more records than a ledger notes the number of is counted all the same.
func TestACellOfManyRecordsIsCounted(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	huge := Cell{Records: 1 << 33, Cell: usage.Cell{Start: noon, Source: "a", First: noon, Last: noon}}
	l.Regroup(nil, []Group{{Cells: []Cell{huge}}}, [][]int{nil})
	if err := l.Save(false); err != nil {
		t.Fatal(err)
	}
	l = open(t, dir)
	l.Regroup([]uint32{0}, nil, nil)
	if cells, records, err := l.Cells(nil); err != nil || len(cells)+len(records) != 0 {
		t.Error(cells, records, err)
	}
}
