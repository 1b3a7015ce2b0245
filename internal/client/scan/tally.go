package scan

import (
	"tokenflex.ing/internal/client/ledger"
	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/usage"
)

// tally is what one source adds up to.
type tally struct {
	find      *find
	state     State
	faults    [source.Faults]int
	faulty    []string            // files with faults
	long      []string            // files with lines or documents that are too long
	strange   []string            // databases without the tables that are known
	lacking   []string            // databases without a column that is wanted
	newer     []string            // other files of a version that is not known
	broken    map[string][]string // databases that cannot be read, by why
	undated   int                 // responses without a time that can be believed
	coarse    int                 // responses of which only a sum is known
	guessed   int                 // responses whose model is
	forgotten bool                // some of its usage was forgotten
}

// newTally adds up what is known of the files of one source.
func newTally(f *find) *tally {
	t := &tally{find: f, broken: make(map[string][]string)}
	s := f.source
	t.state = State{ID: s.ID, Name: s.Name, Quality: s.Quality, Roots: f.roots, Looked: f.looked, DeletesAfterDays: f.retention.days,
		SaidIn: f.retention.in, Managed: f.retention.managed, Trimmed: f.retention.trimmed, Own: f.own}
	for i, r := range f.outcomes {
		if r.gone {
			continue
		}
		t.state.Files++
		t.state.Bytes += f.files[i].stamp.Size
		t.fault(f.files[i].name, r)
	}
	return t
}

// add notes what a group knows beside its cells.
func (t *tally) add(of ledger.Tally) {
	t.state.Dropped += of.Dropped
	t.undated += of.Undated
	t.coarse += of.Coarse
	t.guessed += of.Guessed
}

// end says what all of it makes of the source.
func (t *tally) end() {
	t.state.Status, t.state.Reason = t.status()
	if t.state.Status == Detected {
		t.state.Hint = t.find.source.Hint
	}
}

func (t *tally) fault(name string, r outcome) {
	switch {
	case r.err != nil && r.database:
		t.broken[reason(r.err)] = append(t.broken[reason(r.err)], name)
	case r.err != nil:
		t.find.unreadable = append(t.find.unreadable, name)
	case r.faults[source.Unfamiliar] > 0 && !r.database:
		t.newer = append(t.newer, name)
	case r.faults[source.Unfamiliar] > 0 && r.size > 0: // an empty file is a database that has just been made
		t.strange = append(t.strange, name)
	case r.faults[source.Lacking] > 0:
		t.lacking = append(t.lacking, name)
	}
	r.faults[source.Unfamiliar], r.faults[source.Lacking] = 0, 0 // said of the file, not of its lines
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

// count adds a cell.
func (t *tally) count(c *usage.Cell) {
	s := &t.state
	s.TotalTokens = usage.Tokens{Input: s.TotalTokens}.Add(usage.Tokens{Input: c.Tokens.Total()}).Input
	if s.First.IsZero() || c.First.Before(s.First) {
		s.First = c.First
	}
	if c.Last.After(s.Last) {
		s.Last = c.Last
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
	case t.find.asked != "" && t.state.Files == 0 && t.unread() == 0:
		return Detected, t.find.asked
	case t.unread() > 0 && t.unread() >= t.state.Files:
		return Detected, "what it left could not be read"
	case t.forgotten:
		return Detected, "what it left was forgotten"
	case t.state.Files == 0:
		return Detected, "it has left no usage yet"
	}
	return Detected, "its files hold no usage that can be counted"
}

// unread is how many files and folders, and databases, could not be read.
func (t *tally) unread() int {
	n := len(t.find.unreadable)
	for _, files := range t.broken {
		n += len(files)
	}
	return n
}
