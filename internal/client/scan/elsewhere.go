package scan

import "tokenflex.ing/internal/client/source"

// response is what tells a response from others of its source.
type response struct{ id, request string }

// elsewhere is what sources tell of responses that another one tells too.
type elsewhere struct {
	sessions map[string]bool              // that were read, as "source:session"
	ids      map[string]map[response]bool // of the kept responses of the sources that others lie beside, by source
}

// sessionsOf returns the sessions of which something was read, as "source:session".
func sessionsOf(all []tellings) map[string]bool {
	sessions := make(map[string]bool)
	for _, of := range all {
		for i := range of.parts {
			if p := &of.parts[i]; p.Session != "" && len(p.Entries) > 0 {
				sessions[of.source.ID+":"+p.Session] = true
			}
		}
	}
	return sessions
}

// keep remembers a response of s, if others lie beside it.
func (o *elsewhere) keep(s *source.Source, e *source.Entry) {
	if ids := o.ids[s.ID]; ids != nil && e.ID != "" {
		ids[response{e.ID, e.Request}] = true
	}
}

// has reports whether another source tells the response that an entry of s tells.
func (o *elsewhere) has(s *source.Source, e *source.Entry) bool {
	return e.Mirrors != "" && o.sessions[e.Mirrors] || s.Beside != "" && o.ids[s.Beside][response{e.ID, e.Request}]
}
