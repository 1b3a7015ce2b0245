package ledger

import (
	"cmp"
	"math"
	"slices"

	"tokenflex.ing/internal/usage"
)

// counted are cells in their order, and the number of records in them by source.
type counted struct {
	cells   []usage.Cell
	records map[string]int64
	of      []owner         // of the cells
	sharing map[uint32]bool // groups that have a cell together with others
	huge    bool            // there is a cell with more records than its owner has room for
}

// owner is the group that a cell is of, NoGroup where it is of several, and how many records are in it.
type owner struct{ group, records uint32 }

// Cells returns all that was counted, in the order of usage.Cells, and the number of records by source. A cell of which skip is
// true is left out; nil skips none. They are the caller's.
func (l *Ledger) Cells(skip func(source string, slot int64) bool) ([]usage.Cell, map[string]int64, error) {
	c := l.ready
	l.ready = counted{}
	if c.cells == nil || (l.regrouped || skip != nil) && !l.recount(&c, skip) {
		var err error
		if c, err = l.count(c.cells[:0], skip); err != nil {
			return nil, nil, err
		}
	}
	return c.cells, c.records, nil
}

// spareCells is room for those that come to what is on disk by a session that goes on or begins.
const spareCells = 512

// count adds up the cells of all groups, in the given memory if they fit. Those of the first frame, which are most of them, are
// in their order already.
func (l *Ledger) count(in []usage.Cell, skip func(source string, slot int64) bool) (counted, error) {
	rest, err := l.cellsFrom(1)
	if err != nil {
		return counted{}, err
	}
	first := 0
	if len(l.blocks) > 0 {
		first = l.blocks[0].cells
	}
	if cap(in) < first+len(rest) || in == nil {
		in = make([]usage.Cell, 0, first+len(rest)+spareCells)
	}
	s := newSummer(in, skip)
	s.of = make([]owner, 0, first+len(rest))
	if len(l.blocks) > 0 {
		err = l.eachCell(0, func(group uint32, c *Cell) {
			for len(rest) > 0 && rest[0].Compare(&c.Cell) <= 0 {
				s.add(rest[0].Cell, rest[0].group)
				rest = rest[1:]
			}
			s.add(c, group)
		})
	}
	for _, c := range rest {
		s.add(c.Cell, c.group)
	}
	return s.counted, err
}

// recount takes what groups that went and what is skipped had of the cells that were counted when the ledger was opened, and adds what
// came since: where one of ten thousand sessions went on, that is little. It is false where that cannot be told.
func (l *Ledger) recount(c *counted, skip func(source string, slot int64) bool) bool {
	if c.huge {
		return false
	}
	for group := range c.sharing {
		if !l.groups[group].live {
			return false
		}
	}
	n := 0
	for i := range c.cells {
		of, o := &c.cells[i], c.of[i]
		if o.group != NoGroup && !l.groups[o.group].live || skip != nil && skip(of.Source, slotOf(of)) {
			if c.records[of.Source] -= int64(o.records); c.records[of.Source] == 0 {
				delete(c.records, of.Source)
			}
			continue
		}
		if n < i {
			c.cells[n] = *of
		}
		n++
	}
	c.cells = c.cells[:n]
	fresh := newSummer(nil, skip)
	for _, one := range l.freshCells() {
		fresh.add(one.Cell, one.group)
	}
	for source, n := range fresh.records {
		c.records[source] += n
	}
	c.insert(fresh.cells)
	return true
}

// insert adds cells that are in their order.
func (c *counted) insert(more []usage.Cell) {
	places := make([]int, 0, len(more))
	rest := more[:0]
	for i := range more {
		at, same := slices.BinarySearchFunc(c.cells, &more[i], func(a usage.Cell, b *usage.Cell) int { return a.Compare(b) })
		if same {
			c.cells[at] = c.cells[at].Add(more[i])
			continue
		}
		places, rest = append(places, at), append(rest, more[i])
	}
	end := len(c.cells)
	c.cells = slices.Grow(c.cells, len(rest))[:end+len(rest)]
	for i := len(rest) - 1; i >= 0; i-- {
		at := places[i]
		copy(c.cells[at+i+1:], c.cells[at:end])
		c.cells[at+i], end = rest[i], at
	}
}

// cellsFrom are the cells of the frames from one on and of the groups that are not saved yet, in their order.
func (l *Ledger) cellsFrom(frame int) (all []ordered, err error) {
	for i := frame; i < len(l.blocks); i++ {
		err := l.eachCell(i, func(group uint32, c *Cell) {
			own := *c
			all = append(all, ordered{&own, slotOf(&c.Cell), group})
		})
		if err != nil {
			return nil, err
		}
	}
	if all == nil {
		return l.freshCells(), nil
	}
	return sortCells(append(all, l.freshCells()...)), nil
}

// freshCells are the cells of the groups that are not saved yet, in their order. They are put into it once, for whoever asks first, and are
// nobody's to change.
func (l *Ledger) freshCells() []ordered {
	l.ordering.Lock()
	defer l.ordering.Unlock()
	if l.order != nil {
		return l.order
	}
	n := 0
	for i := l.settled; i < len(l.groups); i++ {
		if g := l.groups[i].fresh; g != nil {
			n += len(g.Cells)
		}
	}
	all := make([]ordered, 0, n)
	for i := l.settled; i < len(l.groups); i++ {
		if g := l.groups[i].fresh; g != nil {
			for j := range g.Cells {
				c := &g.Cells[j]
				all = append(all, ordered{c, slotOf(&c.Cell), uint32(i)})
			}
		}
	}
	l.order = sortCells(all)
	return l.order
}

// ordered is a cell of a group with what mostly tells its place.
type ordered struct {
	*Cell
	slot  int64
	group uint32
}

// sortCells puts cells in the order of usage.Cells, and those that differ in nothing but their counts in that of their groups. Most are
// the only ones of their slot, or nearly, and there are few slots between the first and the last.
func sortCells(all []ordered) []ordered {
	if len(all) == 0 {
		return all
	}
	first, last := all[0].slot, all[0].slot
	for i := range all {
		first, last = min(first, all[i].slot), max(last, all[i].slot)
	}
	const perCell = 16
	if last-first >= int64(perCell*len(all)) || last < first {
		slices.SortFunc(all, func(a, b ordered) int { return cmp.Or(cmp.Compare(a.slot, b.slot), a.compare(b)) })
		return all
	}
	ends := make([]int32, last-first+2) // of the cells before a slot
	for i := range all {
		ends[all[i].slot-first+1]++
	}
	for i := range ends[1:] {
		ends[i+1] += ends[i]
	}
	sorted := make([]ordered, len(all))
	for i := range all {
		end := &ends[all[i].slot-first]
		sorted[*end] = all[i]
		*end++
	}
	for from := 0; from < len(sorted); {
		to := int(ends[sorted[from].slot-first])
		if to-from > 1 {
			slices.SortFunc(sorted[from:to], ordered.compare)
		}
		from = to
	}
	return sorted
}

// compare orders cells of the same slot.
func (a ordered) compare(b ordered) int {
	return cmp.Or(a.Compare(&b.Cell.Cell), cmp.Compare(a.group, b.group))
}

// eachCell calls yield with the cells of a block whose groups are still there. They are not the caller's to keep.
func (l *Ledger) eachCell(i int, yield func(group uint32, c *Cell)) error {
	b := &l.blocks[i]
	d := cellDecoder{decoder: decoder{s: b.text, at: b.at}, names: b.names}
	for range b.cells {
		group := b.group + uint32(d.uint())
		d.cell()
		if d.bad || uint64(group) >= uint64(len(l.groups)) {
			d.fail()
			break
		}
		if l.groups[group].live {
			yield(group, &d.Cell)
		}
	}
	return d.err()
}

// summer adds up cells that come in their order.
type summer struct {
	counted
	skip func(source string, slot int64) bool
}

func newSummer(in []usage.Cell, skip func(source string, slot int64) bool) *summer {
	return &summer{skip: skip, counted: counted{cells: in, records: make(map[string]int64), sharing: make(map[uint32]bool)}}
}

// add adds one cell of a group. Those of several groups that differ in nothing but their counts are one.
func (s *summer) add(c *Cell, group uint32) {
	if s.skip != nil && s.skip(c.Source, slotOf(&c.Cell)) {
		return
	}
	s.records[c.Source] += c.Records
	if n := len(s.cells); n > 0 && s.cells[n-1].Start.Equal(c.Start) && s.cells[n-1].Compare(&c.Cell) == 0 {
		s.cells[n-1] = s.cells[n-1].Add(c.Cell)
		s.share(group)
		s.hold(c.Records)
		return
	}
	s.cells = append(s.cells, c.Cell)
	s.of = append(s.of, owner{group: group})
	s.hold(c.Records)
}

// hold notes that so many more records are in the last cell.
func (s *summer) hold(records int64) {
	o := &s.of[len(s.of)-1]
	n := int64(o.records) + records
	s.huge = s.huge || n < 0 || n > math.MaxUint32
	o.records = uint32(n)
}

// share notes that the last cell is of one more group.
func (s *summer) share(group uint32) {
	o := &s.of[len(s.of)-1]
	if o.group != NoGroup {
		s.sharing[o.group] = true
		o.group = NoGroup
	}
	s.sharing[group] = true
}
