package scan

import (
	"time"

	"tokenflex.ing/internal/client/source"
)

// response is what tells a response from others of its source.
type response struct{ id, request string }

// elsewhere is what sources tell of responses that another one tells too.
type elsewhere struct {
	sessions map[string]bool              // that were read, as "source:session"
	ids      map[string]map[response]bool // of the kept responses of the sources that others lie beside, by source
}

// settleAll adds up what was read of every source, in their order.
func settleAll(finds []*find, now time.Time) []*tally {
	others := &elsewhere{sessions: sessionsOf(finds), ids: make(map[string]map[response]bool)}
	for _, f := range finds {
		if beside := f.source.Beside; beside != "" {
			others.ids[beside] = make(map[response]bool)
		}
	}
	tallies := make([]*tally, len(finds))
	for i, f := range finds {
		if f.source.Beside == "" {
			tallies[i] = settle(f, now, others)
		}
	}
	for i, f := range finds {
		if f.source.Beside != "" {
			tallies[i] = settle(f, now, others)
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

// keep remembers a response of s, if others lie beside it.
func (o *elsewhere) keep(s source.Source, e source.Entry) {
	if ids := o.ids[s.ID]; ids != nil && e.ID != "" {
		ids[response{e.ID, e.Request}] = true
	}
}

// has reports whether another source tells the response that an entry of s tells.
func (o *elsewhere) has(s source.Source, e source.Entry) bool {
	return o.sessions[e.Mirrors] || o.ids[s.Beside][response{e.ID, e.Request}]
}
