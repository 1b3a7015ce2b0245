package source

import (
	"path"
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// CodeWhale, once DeepSeek TUI, as versions 0.3 to 0.9 write it: one document for every session, which tells a single sum of
// all kinds of token. It is counted as input, the cheapest of them. A fork begins with the sum of the session it
// comes from; sessions of the former name are copied, not moved.
var codewhale = Source{
	ID:   "codewhale",
	Name: "CodeWhale",
	Places: []Place{{
		Env:   []Env{{Name: "CODEWHALE_HOME"}},
		Roots: []string{"~/.codewhale", "~/.deepseek"},
		Files: []string{"sessions/*.json"},
	}},
	Read:     readCodewhale,
	Settle:   settleGrown,
	Joins:    ByID | BySession,
	Quality:  "coarse",
	Revision: 1,
}

// codewhaleSession is what a session's document tells of it.
type codewhaleSession struct {
	id, parent, model, cwd string
	at                     time.Time
	total                  int64
	forked                 bool
}

func readCodewhale(f File) Part {
	var s codewhaleSession
	w, ok := document(f)
	if !ok {
		return Part{}
	}
	for key := range w.Members {
		if string(key) == "metadata" {
			s.read(w)
		}
	}
	if w.End() != nil {
		f.Fault(Malformed)
		return Part{}
	}
	c := collect(f)
	if !c.believes(s.total) {
		return c.part
	}
	if s.id == "" {
		s.id = strings.TrimSuffix(path.Base(f.Path()), ".json")
	}
	e := Entry{Record: usage.Record{ID: s.id, Session: s.id, Project: s.cwd, Model: s.model, Time: s.at, Tokens: usage.Tokens{Input: s.total}}, Marks: Coarse | Sum}
	if c.named(e.Model, e.Tokens) {
		c.add(e)
	}
	if s.forked && s.parent != "" {
		c.part.Parents = []string{s.parent}
	}
	return c.end(s.id, s.cwd)
}

func (s *codewhaleSession) read(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "id":
			s.id = trimmed(w.Text())
		case "parent_session_id":
			s.parent = trimmed(w.Text())
		case "forked_from_message_count":
			s.forked = !w.Null()
		case "model":
			s.model = trimmed(w.Text())
		case "workspace":
			s.cwd = string(w.Text())
		case "updated_at":
			s.at = when(w)
		case "total_tokens":
			s.total = w.Count()
		}
	}
}
