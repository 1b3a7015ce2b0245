package scan

import (
	"slices"
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
}

// settleGroup adds up what the files of a group say.
func settleGroup(all []tellings, believed func(time.Time) bool) ledger.Group {
	memory := recordMemory.Get().(*[]usage.Record)
	s := settleAll(all, believed, (*memory)[:0])
	cells, counts := usage.CountedCells(s.records)
	s.group.Cells = make([]ledger.Cell, len(cells))
	own := make(texts)
	for i, c := range cells {
		c.Model, c.Session, c.Project, c.Tier = own.of(c.Model), own.of(c.Session), own.of(c.Project), usage.Tier(own.of(string(c.Tier)))
		s.group.Cells[i] = ledger.Cell{Cell: c, Records: counts[i]}
	}
	clear(s.records)
	*memory = s.records
	recordMemory.Put(memory)
	return s.group
}

// recordMemory is what the records of groups are in until they are added up.
var recordMemory = sync.Pool{New: func() any { return new([]usage.Record) }}

// settleAll keeps what the files of a group say, of every source without what others tell better. It adds the records to some.
func settleAll(all []tellings, believed func(time.Time) bool, records []usage.Record) settler {
	others := &elsewhere{sessions: sessionsOf(all), ids: make(map[string]map[response]bool)}
	for _, of := range all {
		if beside := of.source.Beside; beside != "" {
			others.ids[beside] = make(map[response]bool)
		}
	}
	s := settler{others: others, records: records}
	for _, beside := range []bool{false, true} {
		for _, of := range all {
			if beside == (of.source.Beside != "") {
				s.settle(&of, believed)
			}
		}
	}
	return s
}

// texts are copies of names that are cut from the text of whole parts, which could not be let go of otherwise.
type texts map[string]string

func (t texts) of(s string) string {
	own, ok := t[s]
	if !ok {
		own = strings.Clone(s)
		t[own] = own
	}
	return own
}

// settler gathers what is kept of one group.
type settler struct {
	others  *elsewhere
	group   ledger.Group
	records []usage.Record // with the ID that a copy of it elsewhere has too
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
	distinct := of.source.Settle
	if distinct == nil {
		distinct = source.Distinct
	}
	all := distinct(of.parts)
	s.records = slices.Grow(s.records, len(all))
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
		s.group.Tallies = append(s.group.Tallies, t)
	}
}

// keep notes a record that counts.
func (s *settler) keep(of *source.Source, e *source.Entry, t *ledger.Tally) {
	if e.Marks.Has(source.Coarse) {
		t.Coarse++
	}
	if e.Marks.Has(source.Inferred) {
		t.Guessed++
	}
	s.records = append(s.records, e.Record)
	r := &s.records[len(s.records)-1]
	if e.Marks.Has(source.Local) {
		r.ID = ""
	}
	r.Source = of.ID
	r.Tokens = r.Tokens.Clean()
	r.Sum = of.Quality == source.SessionTotal || e.Marks.Has(source.Sum)
}
