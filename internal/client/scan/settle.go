package scan

import (
	"time"

	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/usage"
)

// tally is what one source adds up to.
type tally struct {
	find    *find
	state   State
	records []usage.Record
	faults  [source.Faults]int
	faulty  []string            // files with faults
	long    []string            // files with lines or documents that are too long
	strange []string            // databases without the tables that are known
	newer   []string            // other files of a version that is not known
	broken  map[string][]string // databases that cannot be read, by why
	undated int                 // responses without a time that can be believed
	coarse  int                 // responses of which only a sum is known
	guessed int                 // responses whose model is
}

// settle adds up what was read of one source, without what others tell better.
func settle(f *find, now time.Time, others *elsewhere) *tally {
	t := &tally{find: f, broken: make(map[string][]string)}
	s := f.source
	t.state = State{ID: s.ID, Name: s.Name, Quality: s.Quality, Roots: f.roots, Looked: f.looked, DeletesAfterDays: s.DeletesAfterDays}
	t.keep(t.parts(now), others)
	t.state.Status, t.state.Reason = t.status()
	if t.state.Status == Detected {
		t.state.Hint = s.Hint
	}
	return t
}

// parts collects what the files say, with the times that cannot be believed taken away.
func (t *tally) parts(now time.Time) []source.Part {
	var parts []source.Part
	for i, r := range t.find.readings {
		c := t.find.files[i]
		if r.gone {
			continue
		}
		t.state.Files++
		t.state.Bytes += c.info.Size()
		t.fault(c.name, r)
		for i := range r.part.Entries {
			e := &r.part.Entries[i]
			if e.Time.Before(source.Oldest) || !now.IsZero() && e.Time.After(now.Add(24*time.Hour)) {
				e.Time = time.Time{}
			}
		}
		t.state.Dropped += int64(r.part.Repeats + len(r.part.Entries))
		t.find.tracer.part(c, r.part)
		parts = append(parts, r.part)
	}
	return parts
}

func (t *tally) fault(name string, r reading) {
	switch {
	case r.err != nil && r.database:
		t.broken[reason(r.err)] = append(t.broken[reason(r.err)], name)
	case r.err != nil:
		t.find.unreadable = append(t.find.unreadable, name)
	case r.faults[source.Unfamiliar] > 0 && !r.database:
		t.newer = append(t.newer, name)
	case r.faults[source.Unfamiliar] > 0 && r.part.Size > 0: // an empty file is a database that has just been made
		t.strange = append(t.strange, name)
	}
	r.faults[source.Unfamiliar] = 0 // said of the file, not of its lines
	if r.oversize > 0 {
		t.long = append(t.long, name)
	}
	sum := 0
	for why, n := range r.faults {
		t.faults[why] += n
		sum += n
	}
	if sum > 0 {
		t.faulty = append(t.faulty, name)
	}
	t.state.Skipped += int64(sum + r.oversize)
}

// keep settles the parts and keeps the records that have a date.
func (t *tally) keep(parts []source.Part, others *elsewhere) {
	settle := t.find.source.Settle
	if settle == nil {
		settle = source.Distinct
	}
	for _, e := range settle(parts) {
		if others.has(t.find.source, e) {
			t.find.tracer.elsewhere(e)
			continue
		}
		t.state.Dropped--
		if e.Time.IsZero() {
			t.undated++
			continue
		}
		t.find.tracer.keep(e)
		others.keep(t.find.source, e)
		if e.Marks.Has(source.Coarse) {
			t.coarse++
		}
		if e.Marks.Has(source.Inferred) {
			t.guessed++
		}
		e.Source = t.find.source.ID
		e.Tokens = e.Tokens.Clean()
		e.Sum = t.find.source.Quality == source.SessionTotal || e.Marks.Has(source.Sum)
		t.records = append(t.records, e.Record)
		t.count(e.Record)
	}
}

func (t *tally) count(r usage.Record) {
	s := &t.state
	s.Records++
	s.TotalTokens = usage.Tokens{Input: s.TotalTokens}.Add(usage.Tokens{Input: r.Tokens.Total()}).Input
	if s.First.IsZero() || r.Time.Before(s.First) {
		s.First = r.Time
	}
	if r.Time.After(s.Last) {
		s.Last = r.Time
	}
}

func (t *tally) status() (Status, string) {
	switch {
	case t.state.Records > 0:
		return Measured, ""
	case len(t.find.roots) == 0:
		return NotFound, ""
	case t.find.source.Read == nil:
		return Detected, t.find.source.Reason
	case t.find.source.Reason != "" && t.state.Skipped == 0 && len(t.find.unreadable)+len(t.broken)+len(t.strange) == 0:
		return Detected, t.find.source.Reason
	case t.state.Files == 0:
		return Detected, "it has left no usage yet"
	}
	return Detected, "its files hold no usage that can be counted"
}
