package source

import "strings"

// Joins says by which names Settle ties files together.
type Joins uint8

// The names.
const (
	ByID      Joins = 1 << iota // of entries
	BySession                   // of the conversation that a file is, and of its parents
)

// Names calls yield with every name by which a part of s is tied to parts of s and of other sources: files that share
// none can be settled apart.
func (s Source) Names(p *Part, yield func(source, name string)) {
	joins := s.Joins
	if s.Settle == nil {
		joins = ByID // as Distinct does
	}
	if joins == 0 {
		yield(s.ID, "")
	}
	if p.Session != "" { // it may be what an entry of another source mirrors
		yield(s.ID, p.Session)
	}
	if joins&BySession != 0 {
		for _, parent := range p.Parents {
			yield(s.ID, parent)
		}
	}
	for i := range p.Entries {
		e := &p.Entries[i]
		if joins&ByID != 0 && e.ID != "" {
			yield(s.ID, e.ID)
		}
		if s.Beside != "" && e.ID != "" {
			yield(s.Beside, e.ID)
		}
		if of, session, ok := strings.Cut(e.Mirrors, ":"); ok {
			yield(of, session)
		}
	}
}
