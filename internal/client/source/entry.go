package source

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"tokenflex.ing/internal/usage"
)

// Part is what one file says. It is self-contained, so that it can be kept and settled again later beside others.
type Part struct {
	// Session names the conversation that the whole file is, if it is one. Of parts with the same session one is settled.
	Session string
	// Parents are sessions whose beginning this one may repeat; the first is the one it says it comes from.
	Parents []string
	// Project is the folder that the session worked in, where a file beside the entries tells it.
	Project string
	// Models are what a file beside the entries tells of the models its session used, in the order of the file.
	Models   []ModelFrom
	Modified time.Time // of the file, where its parser says so because Settle chooses between copies by it
	Size     int64     // bytes read, unpacked
	Repeats  int       // entries that were dropped because the file itself says them twice
	Cut      bool      // the file says that it once held more
	Again    []uint16  // how many of the repeats are of each entry, as far as the parser can tell; it may be shorter than Entries
	Entries  []Entry   // in the order of the file
	// State is where the parser stands at the end of the file, for Resume alone: counters, names and times that no entry has.
	State []string
}

// add appends an entry. There are as many as a day of work has responses, so what they are kept in doubles.
func (p *Part) add(e *Entry) {
	if len(p.Entries) == cap(p.Entries) {
		p.grow()
	}
	p.Entries = append(p.Entries, *e)
}

func (p *Part) grow() {
	const first = 16
	if free, ok := entryRoom.Get().(*[]Entry); ok && len(p.Entries) == 0 {
		p.Entries = *free
		return
	}
	p.Entries = slices.Grow(p.Entries, max(first, len(p.Entries)))
}

// Free lets the next part lie where the entries of this one do, which nobody may hold any more.
func (p *Part) Free() {
	const most = 4096 // a longer one is rare, and would be memory that is never used
	if cap(p.Entries) == 0 || cap(p.Entries) > most {
		return
	}
	clear(p.Entries)
	room := p.Entries[:0]
	entryRoom.Put(&room)
	p.Entries = nil
}

// entryRoom holds what the entries of parts lay in that are done with: a first scan makes thousands of parts one after another.
var entryRoom sync.Pool

// again counts one more telling of an entry.
func (p *Part) again(i int) {
	p.Repeats++
	for len(p.Again) <= i {
		p.Again = append(p.Again, 0)
	}
	if p.Again[i] < math.MaxUint16 {
		p.Again[i]++
	}
}

// ModelFrom is a model that a session used from a time on; a zero time is one that the file does not tell.
type ModelFrom struct {
	Model     string
	Time      time.Time
	Inclusive bool // whose provider counts the cached tokens inside the input
	Weak      bool // found in what the tool told the model, not in a record of its own
}

// Entry is one response as one file tells it: a record, and what tells it from the same response elsewhere.
// Its Source is empty, and its Time is zero if the file gives none that can be used.
type Entry struct {
	usage.Record
	Request string // a second half of the ID, which some copies lack
	// Mirrors is the session of another source that the response was given in, as "source:session", if this one only drove
	// it. It counts only where that session is not read.
	Mirrors string
	Marks   Marks
}

// Marks are facts about an entry that settling or a report depends on.
type Marks uint16

// The marks.
const (
	Side     Marks = 1 << iota // told by a line of a subagent or an aside
	Main                       // some line that was merged into it is not
	Final                      // the response is known to have ended
	Timed                      // its speed is recorded
	Replay                     // stands where a copy of its session's parent would
	Coarse                     // the tool recorded no more than a sum
	Inferred                   // the model was not recorded
	Sum                        // what a whole session adds up to, for want of anything finer
	Piece                      // of all that is told of one thing, which is told anew whole: see PieceOf
	Local                      // its time or its ID is of this place alone, such as the file's own: a copy has others
)

// pieces stands in an ID between the name of what is told in several entries and what tells those apart.
const pieces = "\x1f"

// PieceOf returns the name of what an entry with the mark Piece is a part of. Where that is told again, in other parts
// even, an entry of before is not what the tool deleted.
func PieceOf(id string) string {
	whole, _, _ := strings.Cut(id, pieces)
	return whole
}

// Has reports whether m holds the mark.
func (m Marks) Has(mark Marks) bool { return m&mark != 0 }

// Distinct keeps one entry of every ID, by content, with the earliest time; entries without an ID are all kept.
func Distinct(parts []Part) []Entry {
	n := countEntries(parts)
	best := make(map[string]int, n)
	kept := make([]Entry, 0, n)
	for _, p := range parts {
		for i := range p.Entries {
			e := &p.Entries[i]
			if at, ok := best[e.ID]; ok && e.ID != "" {
				kept[at] = merge(kept[at], *e)
				continue
			}
			best[e.ID] = len(kept)
			kept = append(kept, *e)
		}
	}
	return kept
}

func countEntries(parts []Part) int {
	n := 0
	for i := range parts {
		n += len(parts[i].Entries)
	}
	return n
}

// merge returns the better of two tellings of one response, taken whole but for the time, which is the earlier one:
// responses grow while they are streamed, and a mixture of two states never existed.
func merge(a, b Entry) Entry {
	best, at, marks := a, earlier(a.Time, b.Time), (a.Marks|b.Marks)&Main
	if compare(b, a) < 0 {
		best = b
	}
	best.Time = at
	best.Marks |= marks
	return best
}

// compare orders tellings of one response by content alone, the best first.
func compare(a, b Entry) int {
	return cmp.Or(cmp.Compare(b.Tokens.Output, a.Tokens.Output),
		cmp.Compare(a.Marks&Side, b.Marks&Side), // an aside repeats an answer with a prompt of its own
		cmp.Compare(b.Tokens.Total(), a.Tokens.Total()),
		cmp.Compare(b.Marks&Final, a.Marks&Final), cmp.Compare(b.Marks&Timed, a.Marks&Timed),
		cmp.Compare(a.Model, b.Model), compareTokens(a.Tokens, b.Tokens), cmp.Compare(a.Tier, b.Tier),
		cmp.Compare(a.Session, b.Session), cmp.Compare(a.Project, b.Project), cmp.Compare(a.Marks, b.Marks), cmp.Compare(a.Request, b.Request))
}

func compareTokens(a, b usage.Tokens) int {
	return cmp.Or(cmp.Compare(a.Input, b.Input), cmp.Compare(a.CacheRead, b.CacheRead), cmp.Compare(a.CacheWrite5m, b.CacheWrite5m),
		cmp.Compare(a.CacheWrite1h, b.CacheWrite1h), cmp.Compare(a.Reasoning, b.Reasoning))
}

// earlier returns the earlier of two times, of which a zero one is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// words keeps one copy of every name that a file repeats.
type words map[string]string

func (w words) of(b []byte) string {
	if s, ok := w[string(b)]; ok {
		return s
	}
	s := string(b)
	w[s] = s
	return s
}

// again is of, for a text that is most often the one before.
func (w words) again(before string, b []byte) string {
	if string(b) == before {
		return before
	}
	return w.of(b)
}
