package source

import (
	"path"
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// Mistral Vibe, as versions 1.0 to 2.18 write it: the sums of a session in a file of its own, before 2.0 beside the messages
// in one document. The prompt includes what was cached, which current versions do not tell. A session that is compacted
// goes on under a new name with the sums of the old one; a fork begins at zero.
var mistralVibe = Source{
	ID:   "mistral-vibe",
	Name: "Mistral Vibe",
	Places: []Place{{
		Env:   []Env{{Name: "VIBE_HOME"}},
		Roots: []string{"~/.vibe"},
		Files: []string{"logs/session/**/meta.json", "logs/session/session_*.json"},
	}},
	Read:     readMistralVibe,
	Settle:   settleGrown,
	Joins:    ByID | BySession,
	Quality:  SessionTotal,
	Revision: 1,
}

func readMistralVibe(f File) Part {
	var s vibeSession
	w, ok := document(f)
	if !ok {
		return Part{}
	}
	s.read(w)
	if w.End() != nil {
		f.Fault(Malformed)
		return Part{}
	}
	c := collect(f)
	if !c.believes(s.prompt, s.cached, s.output) {
		return c.part
	}
	if s.id == "" {
		s.id = vibeName(f.Path())
	}
	e := Entry{Record: usage.Record{ID: s.id, Session: s.id, Project: s.cwd, Model: s.model, Time: firstTime(s.end, s.start), Tokens: apart(s.prompt, s.cached, 0)}}
	e.Tokens.Output = s.output
	if c.named(e.Model, e.Tokens) {
		c.add(e)
	}
	if s.steps > 0 && s.parent != "" && !strings.Contains(f.Path(), "/agents/") {
		c.part.Parents = []string{s.parent}
	}
	return c.end(s.id, s.cwd)
}

// vibeName returns what a file without the session's ID tells it by.
func vibeName(file string) string {
	if path.Base(file) == "meta.json" {
		return path.Base(path.Dir(file))
	}
	return strings.TrimSuffix(path.Base(file), ".json")
}

// vibeSession is what a session's file tells of it.
type vibeSession struct {
	id, parent, model, cwd        string
	start, end                    time.Time
	prompt, cached, output, steps int64
}

func (s *vibeSession) read(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "metadata": // of versions before 2.0, which have all of it in there
			s.read(w)
		case "session_id":
			s.id = trimmed(w.Text())
		case "parent_session_id":
			s.parent = trimmed(w.Text())
		case "start_time":
			s.start = when(w)
		case "end_time":
			s.end = when(w)
		case "stats":
			s.stats(w)
		case "config", "agent_config":
			s.model = memberOr(w, "active_model", s.model)
		case "environment":
			s.cwd = memberOr(w, "working_directory", s.cwd)
		}
	}
}

func (s *vibeSession) stats(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "session_prompt_tokens":
			s.prompt = w.Count()
		case "session_completion_tokens":
			s.output = w.Count()
		case "session_cached_tokens":
			s.cached = w.Count()
		case "steps":
			s.steps = w.Count()
		}
	}
}

// memberOr takes the object ahead and returns the text of one of its members, or other.
func memberOr(w *jsonwalk.Walker, name, other string) string {
	for key := range w.Members {
		if string(key) == name {
			if text := trimmed(w.Text()); text != "" {
				other = text
			}
		}
	}
	return other
}
