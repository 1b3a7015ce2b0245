package scan

import (
	"time"

	"tokenflex.ing/internal/client/source"
)

// elsewhere is what sources tell of responses that another one tells too.
type elsewhere struct {
	sessions map[string]bool            // that were read, as "source:session"
	ids      map[string]map[string]bool // of the records of the sources that others lie beside, by source
}

// settleAll adds up what was read of every source, in their order.
func settleAll(finds []*find, now time.Time) []*tally {
	told := &elsewhere{sessions: sessionsOf(finds), ids: make(map[string]map[string]bool)}
	for _, f := range finds {
		if beside := f.source.Beside; beside != "" {
			told.ids[beside] = make(map[string]bool)
		}
	}
	tallies := make([]*tally, len(finds))
	for i, f := range finds {
		if f.source.Beside == "" {
			tallies[i] = settle(f, now, told)
			told.add(f.source.ID, tallies[i])
		}
	}
	for i, f := range finds {
		if f.source.Beside != "" {
			tallies[i] = settle(f, now, told)
		}
	}
	return tallies
}

// sessionsOf returns the sessions of which something was read, as "source:session".
func sessionsOf(finds []*find) map[string]bool {
	sessions := make(map[string]bool)
	for _, f := range finds {
		for _, r := range f.readings {
			if p := &r.part; p.Session != "" && len(p.Entries) > 0 && !r.gone {
				sessions[f.source.ID+":"+p.Session] = true
			}
		}
	}
	return sessions
}

func (o *elsewhere) add(id string, t *tally) {
	ids := o.ids[id]
	if ids == nil {
		return
	}
	for _, r := range t.records {
		if r.ID != "" {
			ids[r.ID] = true
		}
	}
}

// has reports whether another source tells the response that an entry of s tells.
func (o *elsewhere) has(s source.Source, e source.Entry) bool {
	return o.sessions[e.Mirrors] || e.ID != "" && o.ids[s.Beside][e.ID]
}
