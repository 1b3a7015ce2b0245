package source

import (
	"math"
	"path"
	"strings"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// collector gathers the entries of one file. Of several tellings of one response it keeps one.
type collector struct {
	file  File
	seen  map[string]int // place in the part, by ID
	dated bool           // an entry has the file's own time, for want of another
	part  Part
}

func collect(f File) *collector { return &collector{file: f, seen: make(map[string]int)} }

// recollect goes on with what was gathered of a file that grew.
func recollect(f File, p Part) *collector {
	c := &collector{file: f, seen: make(map[string]int, len(p.Entries)), part: p}
	for i := range p.Entries {
		c.seen[p.Entries[i].ID] = i
	}
	return c
}

// goOn is the Resume of a parser whose lines know nothing of each other but how many came before, and what was told before.
func goOn(f File, p Part, lines func(c *collector, place int) Part) (Part, bool) {
	s := state{texts: p.State}
	place := s.count(math.MaxInt)
	if s.broken || len(s.texts) > 0 {
		return p, false
	}
	return lines(recollect(f, p), place), true
}

// endAt is end behind that many lines, from where a parser can go on.
func (c *collector) endAt(place int, session, project string) Part {
	var s state
	s.putCount(place)
	return c.endIn(s, session, project)
}

// endIn is end in a state from which a parser can go on, unless the file's time, which will be another one then, was taken.
func (c *collector) endIn(s state, session, project string) Part {
	c.end(session, project)
	c.part.State = nil
	if !c.dated {
		c.part.State = s.texts
	}
	return c.part
}

// add notes a response. Told again under its ID, the better telling is kept; without an ID every one is.
func (c *collector) add(e Entry) { c.note(e, merge) }

// replace notes a response. Told again under its ID, the later telling is kept, with the earlier time.
func (c *collector) replace(e Entry) {
	c.note(e, func(old, e Entry) Entry {
		e.Time = earlier(old.Time, e.Time)
		return e
	})
}

func (c *collector) note(e Entry, choose func(old, e Entry) Entry) {
	if e.Tokens.IsZero() {
		return
	}
	e.Model = ungated(e.Model)
	if i, ok := c.seen[e.ID]; ok && e.ID != "" {
		c.part.again(i)
		c.part.Entries[i] = choose(c.part.Entries[i], e)
		return
	}
	c.seen[e.ID] = len(c.part.Entries)
	c.part.add(&e)
}

// named reports whether there are tokens and a model, and says so of tokens that no model has.
func (c *collector) named(model string, tokens usage.Tokens) bool {
	if model == "" && !tokens.IsZero() {
		c.file.Fault(Unnamed)
	}
	return model != "" && !tokens.IsZero()
}

// believes reports whether every counter can be of one response, and says so of one that cannot.
func (c *collector) believes(counters ...int64) bool {
	for _, n := range counters {
		if n > MaxCount {
			c.file.Fault(Corrupt)
			return false
		}
	}
	return true
}

// end fills in what the file tells once, and the file's own time where it tells none.
func (c *collector) end(session, project string) Part {
	for i := range c.part.Entries {
		e := &c.part.Entries[i]
		if e.Session == "" {
			e.Session = session
		}
		if e.Project == "" {
			e.Project = project
		}
		if e.Time.IsZero() {
			e.Time, e.Marks, c.dated = c.file.Modified(), e.Marks|Local, true
		}
	}
	return c.part
}

// apart returns a prompt's counters as disjoint kinds, of a tool that counts the cached tokens inside the input.
func apart(input, read, write int64) usage.Tokens {
	read = min(read, input)
	write = min(write, input-read)
	return usage.Tokens{Input: input - read - write, CacheRead: read, CacheWrite5m: write}
}

// trimmed returns a name as it was recorded, without the white space around it.
func trimmed(b []byte) string { return strings.TrimSpace(string(b)) }

// document stands in front of the document that a whole file is, if there is anything in it.
func document(f File) (w *jsonwalk.Walker, ok bool) {
	doc := f.Bytes()
	return jsonwalk.New(doc), len(doc) > 0
}

// ended says so of a document that breaks off, or that something follows.
func ended(f File, w *jsonwalk.Walker) {
	if w.End() != nil {
		f.Fault(Malformed)
	}
}

// stem returns the name of a file without its folder and its last suffix.
func stem(file string) string { return strings.TrimSuffix(path.Base(file), path.Ext(file)) }
