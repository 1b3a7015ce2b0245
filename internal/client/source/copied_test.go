package source

import (
	"slices"
	"testing"
	"time"
)

// A home that was copied, whose folder has another name there and whose files another time, tells every response by the same ID and
// time, unless it is marked as local. Fails for Droid, Codebuff, and what has its file's time, without that mark.
func TestCopiesAreToldByTheSameNames(t *testing.T) {
	named, local := 0, make(map[string]bool)
	for _, s := range readable() {
		for home, files := range fixtures(t, s.ID) {
			here, there := settle(s, readAt(s, files, "here", 0)), settle(s, readAt(s, files, "there", time.Hour))
			for _, e := range here {
				switch {
				case e.Marks.Has(Local):
					local[s.ID] = true
				case e.ID != "":
					named++
					if !slices.ContainsFunc(there, func(o Entry) bool { return o.ID == e.ID && o.Time.Equal(e.Time) && o.Marks == e.Marks }) {
						t.Errorf("%s/%s: %q of %s is not in a copy", s.ID, home, e.ID, e.Time)
					}
				}
			}
		}
	}
	if named < 500 || !local["droid"] || !local["codebuff"] || len(local) > 30 {
		t.Errorf("%d responses have a name that a copy has too; some of these have not: %v", named, local)
	}
}

func readAt(s Source, files map[string][]byte, origin string, later time.Duration) (parts []Part) {
	for name, text := range files {
		m := &memory{path: name, text: text, origin: origin, later: later, others: files}
		p := s.Read(m)
		m.tables.close()
		p.Size = int64(len(text))
		parts = append(parts, p)
	}
	return parts
}
