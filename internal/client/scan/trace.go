package scan

import (
	"cmp"
	"slices"
	"time"

	"tokenflex.ing/internal/client/source"
)

// Trace says what became of the responses of one source at the traced times: Told is Kept and all that was dropped.
type Trace struct {
	Source     string
	Files      []TracedFile // that tell any, by name
	Told, Kept int64
	Again      int64    // dropped: the file tells the same response once more, most often while it grew
	Copied     []Copied // dropped: another file tells it too
	Elsewhere  int64    // dropped: another source tells it
	Other      int64    // dropped for reasons of the source's own
}

// TracedFile is a file that tells traced responses.
type TracedFile struct {
	Name string // absolute
	Size int64  // bytes
	Told int64
	Gone bool // its tool deleted it; what it said is kept
}

// Copied counts the responses that are also told by a session, in which they are counted.
type Copied struct {
	Session string // "" if the tool names none
	N       int64
}

// tracer follows the responses of one source. A nil one follows none.
type tracer struct {
	wanted func(time.Time) bool
	trace  Trace
	told   []toldEntry
	kept   map[string]int    // wanted ones that were kept, by ID
	where  map[string]string // the session that every kept one is counted in, by ID
}

type toldEntry struct{ id, session string }

func newTracer(id string, wanted func(time.Time) bool) *tracer {
	if wanted == nil {
		return nil
	}
	return &tracer{wanted: wanted, trace: Trace{Source: id}, kept: make(map[string]int), where: make(map[string]string)}
}

// part notes what one file tells, before anything is settled. A time that is not believed is none.
func (t *tracer) part(file TracedFile, p *source.Part, believed func(time.Time) bool) {
	for i := range p.Entries {
		e := &p.Entries[i]
		if e.Time.Before(source.Oldest) || !believed(e.Time) || !t.wanted(e.Time) {
			continue
		}
		t.told = append(t.told, toldEntry{e.ID, cmp.Or(e.Session, p.Session)})
		file.Told++
		if i < len(p.Again) {
			t.trace.Again += int64(p.Again[i])
			file.Told += int64(p.Again[i])
		}
	}
	if file.Told > 0 {
		t.trace.Files = append(t.trace.Files, file)
		t.trace.Told += file.Told
	}
}

// keep notes a response that is counted.
func (t *tracer) keep(e source.Entry) {
	if t == nil {
		return
	}
	t.where[e.ID] = e.Session
	if t.wanted(e.Time) {
		t.kept[e.ID]++
		t.trace.Kept++
	}
}

// elsewhere notes a response that another source tells.
func (t *tracer) elsewhere(e source.Entry) {
	if t != nil && t.wanted(e.Time) {
		t.trace.Elsewhere++
	}
}

// end finds out why what was not kept was dropped.
func (t *tracer) end() (Trace, bool) {
	if t == nil || t.trace.Told == 0 && t.trace.Kept == 0 {
		return Trace{}, false
	}
	copies := make(map[string]int64)
	dropped := t.trace.Told - t.trace.Again - t.trace.Elsewhere - t.trace.Kept
	for _, e := range t.told {
		if t.kept[e.id] > 0 {
			t.kept[e.id]--
			continue
		}
		if session, ok := t.where[e.id]; ok && e.id != "" && dropped > 0 {
			copies[session]++
			dropped--
		}
	}
	t.trace.Other = max(0, dropped)
	for session, n := range copies {
		t.trace.Copied = append(t.trace.Copied, Copied{session, n})
	}
	slices.SortFunc(t.trace.Copied, func(a, b Copied) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Session, b.Session)) })
	slices.SortFunc(t.trace.Files, func(a, b TracedFile) int { return cmp.Compare(a.Name, b.Name) })
	return t.trace, true
}
