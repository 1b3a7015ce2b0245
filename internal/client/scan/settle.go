package scan

import (
	"strings"
	"sync"
	"time"

	"tokenflex.ing/internal/client/ledger"
	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/usage"
)

// tellings are what the files of one source in a group say.
type tellings struct {
	source source.Source
	parts  []source.Part
	tracer *tracer

	distinct bool // it is one part, which gives no ID twice
}

// settleGroup adds up what the files of a group say.
func settleGroup(all []tellings, believed func(time.Time) bool) ledger.Group {
	n := counters.Get().(*usage.Counter)
	group := ledger.Group{Tallies: settleAll(all, believed, n.Add)}
	group.Cells = make([]ledger.Cell, 0, n.Len())
	var own texts
	for c, records := range n.Cells {
		group.Cells = append(group.Cells, ledger.Cell{Cell: *c, Records: records})
		c := &group.Cells[len(group.Cells)-1]
		c.Model, c.Session, c.Project, c.Tier = own.of(c.Model), own.of(c.Session), own.of(c.Project), usage.Tier(own.of(string(c.Tier)))
	}
	n.Reset()
	counters.Put(n)
	return group
}

// counters are those that added up a group, to count the next in the same memory.
var counters = sync.Pool{New: func() any { return new(usage.Counter) }}

// settleAll calls count with what the files of a group say, of every source without what others tell better, and returns what is known
// beside that. A record is not the one's to keep whom it is given to, and has the ID that a copy of it elsewhere has too.
func settleAll(all []tellings, believed func(time.Time) bool, count func(*usage.Record)) []ledger.Tally {
	others := &elsewhere{sessions: sessionsOf(all), ids: make(map[string]map[response]bool)}
	for _, of := range all {
		if beside := of.source.Beside; beside != "" {
			others.ids[beside] = make(map[response]bool)
		}
	}
	s := settler{others: others, count: count}
	for _, beside := range []bool{false, true} {
		for _, of := range all {
			if beside == (of.source.Beside != "") {
				s.settle(&of, believed)
			}
		}
	}
	return s.tallies
}

// texts are copies of names that are cut from the text of whole parts, which could not be let go of otherwise. Most groups have few.
type texts struct {
	few  []string
	many map[string]string
}

func (t *texts) of(s string) string {
	for _, own := range t.few {
		if own == s {
			return own
		}
	}
	own, ok := t.many[s]
	if !ok {
		own = strings.Clone(s)
		t.keep(own)
	}
	return own
}

func (t *texts) keep(s string) {
	const few = 8
	switch {
	case len(t.few) < few:
		t.few = append(t.few, s)
	case t.many == nil:
		t.many = map[string]string{s: s}
	default:
		t.many[s] = s
	}
}

// settler gathers what is kept of one group.
type settler struct {
	others  *elsewhere
	tallies []ledger.Tally
	count   func(*usage.Record)
}

// settle keeps the records of one source that have a date that can be believed.
func (s *settler) settle(of *tellings, believed func(time.Time) bool) {
	t := ledger.Tally{Source: of.source.ID}
	for i := range of.parts {
		p := &of.parts[i]
		for j := range p.Entries {
			if e := &p.Entries[j]; e.Time.Before(source.Oldest) || !believed(e.Time) {
				e.Time = time.Time{}
			}
		}
		t.Dropped += int64(p.Repeats + len(p.Entries))
	}
	all := of.entries()
	for i := range all {
		e := &all[i]
		if s.others.has(&of.source, e) {
			of.tracer.elsewhere(*e)
			continue
		}
		t.Dropped--
		if e.Time.IsZero() {
			t.Undated++
			continue
		}
		of.tracer.keep(*e)
		s.others.keep(&of.source, e)
		s.keep(&of.source, e, &t)
	}
	if t != (ledger.Tally{Source: t.Source}) {
		s.tallies = append(s.tallies, t)
	}
}

// entries are what the source makes of all parts.
func (of *tellings) entries() []source.Entry {
	settle := of.source.Settle
	switch {
	case of.distinct && (settle == nil || of.source.Apart):
		return of.parts[0].Entries
	case settle == nil:
		return source.Distinct(of.parts)
	}
	return settle(of.parts)
}

// keep counts a response, of which the entry is good for nothing else afterwards.
func (s *settler) keep(of *source.Source, e *source.Entry, t *ledger.Tally) {
	if e.Marks.Has(source.Coarse) {
		t.Coarse++
	}
	if e.Marks.Has(source.Inferred) {
		t.Guessed++
	}
	if e.Marks.Has(source.Local) {
		e.ID = ""
	}
	e.Source = of.ID
	e.Tokens = e.Tokens.Clean()
	e.Sum = of.Quality == source.SessionTotal || e.Marks.Has(source.Sum)
	s.count(&e.Record)
}
