package ledger

import (
	"cmp"
	"slices"

	"tokenflex.ing/internal/usage"
)

// cellAt is where a cell is: in a block, or in a group that is not saved yet.
type cellAt struct {
	slot int64
	in   int32 // a block, or -1 and below for a group
	at   int32
}

// Cells returns all that was counted, in the order of usage.Cells, and the number of records by source. A cell of which skip is
// true is left out; nil skips none.
func (l *Ledger) Cells(skip func(source string, slot int64) bool) ([]usage.Cell, map[string]int64, error) {
	at, err := l.cellsAt()
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(at, func(a, b cellAt) int {
		return cmp.Or(cmp.Compare(a.slot, b.slot), cmp.Compare(a.in, b.in), cmp.Compare(a.at, b.at))
	})
	r := cellReader{ledger: l, skip: skip, records: make(map[string]int64), cells: make([]usage.Cell, 0, len(at))}
	r.decoders = make([]decoder, len(l.blocks))
	for i := range l.blocks {
		r.decoders[i].s = l.blocks[i].text
	}
	for len(at) > 0 {
		n := 1
		for n < len(at) && at[n].slot == at[0].slot {
			n++
		}
		r.slot(at[:n])
		at = at[n:]
	}
	for i := range r.decoders {
		if err := r.decoders[i].err(); err != nil {
			return nil, nil, err
		}
	}
	return r.cells, r.records, nil
}

// cellsAt finds the cells of all groups.
func (l *Ledger) cellsAt() ([]cellAt, error) {
	total := 0
	for i := range l.groups {
		total += l.groups[i].cells
	}
	all := make([]cellAt, 0, total)
	for i := range l.groups {
		g := &l.groups[i]
		if g.fresh != nil {
			for j := range g.fresh.Cells {
				all = append(all, cellAt{slotOf(&g.fresh.Cells[j].Cell), int32(-1 - i), int32(j)})
			}
			continue
		}
		d := decoder{at: g.at}
		if g.live {
			d.s = l.blocks[g.block].text
		}
		for range g.cells {
			n := d.count()
			end := d.at + n
			all = append(all, cellAt{slot: d.int(), in: int32(g.block), at: int32(end - n)})
			d.at = end
		}
		if err := d.err(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// cellReader reads cells slot by slot.
type cellReader struct {
	ledger   *Ledger
	skip     func(source string, slot int64) bool
	decoders []decoder
	cells    []usage.Cell
	records  map[string]int64
}

// slot adds the cells of one slot. Those of several groups that differ in nothing but their counts are one.
func (r *cellReader) slot(at []cellAt) {
	first := len(r.cells)
	for _, a := range at {
		c := r.read(a)
		if r.skip != nil && r.skip(c.Source, a.slot) {
			continue
		}
		r.records[c.Source] += c.Records
		r.cells = append(r.cells, c.Cell)
	}
	if len(r.cells)-first < 2 {
		return
	}
	slices.SortFunc(r.cells[first:], usage.Cell.Compare)
	kept := r.cells[:first+1]
	for _, c := range r.cells[first+1:] {
		last := &kept[len(kept)-1]
		if last.Compare(c) == 0 {
			*last = last.Add(c)
			continue
		}
		kept = append(kept, c)
	}
	r.cells = kept
}

func (r *cellReader) read(a cellAt) Cell {
	if a.in < 0 {
		return r.ledger.groups[-1-a.in].fresh.Cells[a.at]
	}
	d := &r.decoders[a.in]
	d.at = int(a.at)
	return d.cell(r.ledger.blocks[a.in].names)
}
