package source

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/usage"
)

// resumeCodex goes on with a rollout from where the reader stood. A capture is read anew, for its sums are no entries yet.
func resumeCodex(f File, p Part) (Part, bool) {
	r := newCodexReader()
	if !r.restore(p) {
		return p, false
	}
	for line := range f.Lines() {
		r.line(f, line)
	}
	return r.end(f), true
}

// save notes where the reader stands: all that the entries do not tell, and which of them the end of the file filled in.
func (r *codexReader) save() []string {
	var s state
	m := &r.meta
	s.put(m.session, m.cwd, m.model, m.forkedFrom, m.parent, savedTime(m.at), r.model, r.cwd, string(r.tier))
	s.putBool(r.started)
	s.putBool(r.copied)
	for _, n := range []int{r.turns, r.early, r.nowhere, len(r.withoutModel)} {
		s.putCount(n)
	}
	for _, i := range r.withoutModel {
		s.putCount(i)
	}
	r.events.save(&s)
	return s.texts
}

// restore puts the reader where the one stood that returned the part.
func (r *codexReader) restore(p Part) bool {
	if len(p.State) == 0 {
		return false
	}
	s := state{texts: p.State}
	entries := len(p.Entries)
	m := &r.meta
	m.session, m.cwd, m.model, m.forkedFrom, m.parent, m.at = s.text(), s.text(), s.text(), s.text(), s.text(), s.time()
	r.model, r.cwd, r.tier = s.text(), s.text(), usage.Tier(s.text())
	r.started, r.copied = s.bool(), s.bool()
	r.turns, r.early, r.nowhere = s.count(math.MaxInt), s.count(entries), s.count(entries)
	for range s.count(entries) {
		r.withoutModel = append(r.withoutModel, s.count(entries-1))
	}
	r.events.restore(&s, p.Entries)
	if s.broken || len(s.texts) > 0 {
		return false
	}
	r.part = p
	for _, i := range r.withoutModel {
		p.Entries[i].Model = ""
		p.Entries[i].Marks &^= Inferred
	}
	for i := range p.Entries[:r.nowhere] {
		p.Entries[i].Project = ""
	}
	return true
}

// save notes what is not among the IDs of the entries.
func (c *codexEvents) save(s *state) {
	s.put(c.base.saved())
	s.putCount(len(c.more))
	s.put(c.more...)
	s.putCount(len(c.last))
	for _, lane := range slices.Sorted(maps.Keys(c.last)) {
		s.put(lane, c.last[lane].saved())
	}
	s.putCount(len(c.bare))
	for _, pair := range slices.Sorted(maps.Keys(c.bare)) {
		s.put(pair)
		s.putCount(c.bare[pair])
	}
}

func (c *codexEvents) restore(s *state, entries []Entry) {
	for i := range entries {
		c.seen[entries[i].ID] = true
	}
	c.base = s.codexUsage()
	for range s.count(len(s.texts)) {
		c.note(s.text())
	}
	for range s.count(len(s.texts)) {
		lane := s.text()
		c.last[lane] = s.codexUsage()
	}
	for range s.count(len(s.texts)) {
		pair := s.text()
		c.bare[pair] = s.count(math.MaxInt)
	}
}

func (u codexUsage) saved() string { return string(u.appendTo(nil)) }

// codexUsage takes what saved wrote.
func (s *state) codexUsage() (u codexUsage) {
	text := s.text()
	if text == "-" {
		return u
	}
	counters := strings.Split(text, ",")
	if len(counters) != codexCounters {
		s.broken = true
		return u
	}
	for i, counter := range counters {
		if counter == "" {
			continue
		}
		n, err := strconv.ParseInt(counter, 10, 64)
		s.broken = s.broken || err != nil
		u.n[i], u.has[i] = n, true
	}
	return u
}

func savedTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// time takes what savedTime wrote.
func (s *state) time() time.Time {
	text := s.text()
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	s.broken = s.broken || err != nil
	return t.UTC()
}
