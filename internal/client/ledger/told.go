package ledger

import (
	"slices"
	"time"

	"tokenflex.ing/internal/client/source"
)

// told is from when to when a part tells, in seconds since 1970. It has none if first is behind last.
type told struct {
	first, last int64
	known       bool
}

// when is from when to when a part tells of times that can be one. Some sources date what they count by the whole part's own.
func when(k *Kept) told {
	t := told{first: 1, known: true}
	t.add(k.Modified)
	for i := range k.Entries {
		t.add(k.Entries[i].Time)
	}
	return t
}

func (t *told) add(at time.Time) {
	if at.Before(source.Oldest) {
		return
	}
	if second := at.Unix(); t.first > t.last {
		t.first, t.last = second, second
	} else {
		t.first, t.last = min(t.first, second), max(t.last, second)
	}
}

// has notes from when to when a file tells. It is called with the lock held.
func (l *Ledger) has(id int, t told) {
	if len(l.told) <= id {
		l.told = append(l.told, make([]told, id+1-len(l.told))...)
	}
	l.told[id] = t
}

// told writes from when to when files tell, as far as it is known, behind the cells of a block: who does not look for it finds the same
// cells without it.
func (e *encoder) told(of []told, ids, as []int) {
	var body encoder
	n, before := uint64(0), 0
	for i, id := range ids {
		if id >= len(of) || !of[id].known {
			continue
		}
		t := of[id]
		body.int(int64(as[i] - before))
		body.int(t.first)
		body.int(t.last - t.first)
		before = as[i]
		n++
	}
	e.uint(n)
	e.b = append(e.b, body.b...)
}

// Told reads from when to when each file tells, which only some ask for, and returns a function that says it of one in seconds since 1970:
// false if that is not known, for an earlier version did not write it down. A file without a time has its first moment behind its last.
func (l *Ledger) Told() (func(id int) (first, last int64, known bool), error) {
	if err := l.readTold(); err != nil {
		return nil, err
	}
	return func(id int) (first, last int64, known bool) {
		if id >= len(l.told) {
			return 0, 0, false
		}
		t := l.told[id]
		return t.first, t.last, t.known
	}, nil
}

// readTold adds what the blocks say of the files that were not put since.
func (l *Ledger) readTold() error {
	all := make([]told, len(l.files))
	for i := range l.blocks {
		b := &l.blocks[i]
		d := cellDecoder{decoder: decoder{s: b.text, at: b.at}, names: b.names}
		for range b.cells {
			d.uint()
			d.cell()
		}
		if d.at == len(d.s) {
			continue
		}
		const least = 3
		id := 0
		for range d.countOf(least) {
			id += int(d.int())
			t := told{first: d.int(), known: true}
			if t.last = t.first + d.int(); id < 0 || id >= len(all) {
				d.fail()
			}
			if d.bad {
				break
			}
			all[id] = t
		}
		if err := d.err(); err != nil {
			return err
		}
	}
	for id, t := range l.told {
		if t.known {
			all[id] = t
		}
	}
	l.told = slices.Clip(all)
	return nil
}
