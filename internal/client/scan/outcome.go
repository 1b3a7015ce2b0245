package scan

import (
	"slices"
	"time"

	"tokenflex.ing/internal/client/ledger"
	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/usage"
)

// result adds up what the ledger holds, without what was forgotten.
func (p *pass) result(forgotten []ledger.Forgotten) (*Result, error) {
	tallies := make(map[string]*tally, len(p.finds))
	for _, f := range p.finds {
		tallies[f.source.ID] = newTally(f)
	}
	p.ledger.Tallies(func(of ledger.Tally) {
		if t := tallies[of.Source]; t != nil {
			t.add(of)
		}
	})
	skip := skipped(forgotten)
	if skip != nil {
		hide := skip
		skip = func(source string, slot int64) bool {
			hidden := hide(source, slot)
			if t := tallies[source]; hidden && t != nil {
				t.forgotten = true
			}
			return hidden
		}
	}
	cells, records, err := p.ledger.Cells(skip)
	if err != nil {
		return nil, err
	}
	for i := range cells {
		if t := tallies[cells[i].Source]; t != nil {
			t.count(&cells[i])
		}
	}
	r := &Result{Cells: cells}
	for _, f := range p.finds {
		t := tallies[f.source.ID]
		t.state.Records = records[f.source.ID]
		t.state.Overdue = f.overdue(p.Now)
		t.end()
		r.Sources = append(r.Sources, t.state)
		r.Warnings = append(r.Warnings, t.warnings(p.machine)...)
		r.Files += t.state.Files
		r.Bytes += t.state.Bytes
		r.Records += t.state.Records
	}
	if p.Traced != nil {
		r.Traces, err = p.trace(forgotten)
	}
	return r, err
}

// skipped tells the slots that were forgotten; nil if there are none.
func skipped(all []ledger.Forgotten) func(source string, slot int64) bool {
	if len(all) == 0 {
		return nil
	}
	return func(source string, slot int64) bool {
		at := time.Unix(slot*int64(usage.Slot/time.Second), 0)
		return slices.ContainsFunc(all, func(f ledger.Forgotten) bool { return f.Has(source, at) })
	}
}

// trace follows the responses of the traced times through everything that is known.
func (p *pass) trace(forgotten []ledger.Forgotten) ([]Trace, error) {
	skip := skipped(forgotten)
	tracers := make(map[string]*tracer)
	for _, f := range p.finds {
		id := f.source.ID
		tracers[id] = newTracer(id, func(at time.Time) bool {
			return p.Traced(at) && (skip == nil || !skip(id, slotAt(at)))
		})
	}
	groups, order, err := p.telling()
	if err != nil {
		return nil, err
	}
	gone := make(map[int]bool)
	for _, id := range p.absent {
		gone[id] = true
	}
	for _, group := range order {
		ids := groups[group]
		next := 0
		of, err := p.told(ids, func(f *ledger.File, part *source.Part) *tracer {
			for f != p.ledger.File(ids[next]) {
				next++
			}
			t := tracers[f.Source]
			t.part(TracedFile{Name: f.Name, Size: f.Stamp.Size, Gone: gone[ids[next]]}, part, p.believed)
			return t
		})
		if err != nil {
			return nil, err
		}
		settleGroup(of, p.believed)
	}
	var traces []Trace
	for _, f := range p.finds {
		if t, ok := tracers[f.source.ID].end(); ok {
			traces = append(traces, t)
		}
	}
	return traces, nil
}

// telling returns the groups in which a file may tell of the traced times, by their files, and their order.
func (p *pass) telling() (groups map[uint32][]int, order []uint32, err error) {
	told, err := p.ledger.Told()
	if err != nil {
		return nil, nil, err
	}
	const slot = int64(usage.Slot / time.Second)
	traced := make(map[int64]bool) // by slot
	oldest, latest := source.Oldest.Unix(), p.latest()
	tells := func(id int) bool {
		first, last, known := told(id)
		if !known {
			return true
		}
		first, last = max(first, oldest), min(last, latest) // the others are not believed, and may be of the year 9999
		for at := first / slot; first <= last && at <= last/slot; at++ {
			is, asked := traced[at]
			if !asked {
				is = p.Traced(time.Unix(at*slot, 0))
				traced[at] = is
			}
			if is {
				return true
			}
		}
		return false
	}
	groups = make(map[uint32][]int)
	wanted := make(map[uint32]bool)
	for id, f := range p.ledger.Each {
		if groups[f.Group] == nil {
			order = append(order, f.Group)
		}
		groups[f.Group] = append(groups[f.Group], id)
		wanted[f.Group] = wanted[f.Group] || tells(id)
	}
	order = slices.DeleteFunc(order, func(group uint32) bool { return !wanted[group] })
	return groups, order, nil
}
