package source

import (
	"path"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// fx: in a folder for every session one document with the sums of every model, and one that tells the folder it worked in
// and when it was last used. The input has the tokens read from the cache inside, unless there are more of them.
var fx = Source{
	ID:   "fx",
	Name: "fx",
	Places: []Place{{
		Roots: []string{"~/.fx"},
		Files: []string{"sessions/*/usage-v2.json", "sessions/*/session.json"},
	}},
	Read:     readFx,
	Settle:   settleFx,
	Quality:  SessionTotal,
	Revision: 1,
}

func readFx(f File) Part {
	session := path.Base(path.Dir(f.Path()))
	w, ok := document(f)
	if !ok {
		return Part{}
	}
	if path.Base(f.Path()) == "session.json" {
		p := Part{Session: session}
		for key := range w.Members {
			switch string(key) {
			case "updated_at_ms":
				p.Modified = when(w)
			case "workspace_root":
				p.Project = string(w.Text())
			}
		}
		ended(f, w)
		return p
	}
	c := collect(f)
	for key := range w.Members {
		if string(key) == "snapshot" {
			for key := range w.Members {
				if string(key) == "models" {
					c.fxModels(w, session)
				}
			}
		}
	}
	ended(f, w)
	p := c.end(session, "")
	p.Session = session
	return p
}

// fxModels adds the models of a session, each with its sum.
func (c *collector) fxModels(w *jsonwalk.Walker, session string) {
	for range w.Elements {
		var model string
		var input, read, write, output, reasoning int64
		for key := range w.Members {
			switch string(key) {
			case "model":
				model = unrouted(trimmed(w.Text()), "/")
			case "input_tokens":
				input = w.Count()
			case "cache_read_tokens":
				read = w.Count()
			case "cache_write_tokens":
				write = w.Count()
			case "output_tokens":
				output = w.Count()
			case "reasoning_tokens":
				reasoning = w.Count()
			}
		}
		if w.Broken() || !c.believes(input, read, write, output, reasoning) {
			continue
		}
		t := usage.Tokens{Input: input, CacheRead: read, CacheWrite5m: write}
		if read <= input {
			t = apart(input, read, write)
		}
		t.Output, t.Reasoning = output, min(reasoning, output)
		if c.named(model, t) {
			c.replace(Entry{Record: usage.Record{ID: session + ":" + model, Session: session, Model: model, Tokens: t}})
		}
	}
}

// settleFx dates the sums by what the session tells of itself.
func settleFx(parts []Part) []Entry {
	used := make(map[string]time.Time)
	folders := make(map[string]string)
	for _, p := range parts {
		if p.Modified.After(used[p.Session]) || !p.Modified.IsZero() && p.Modified.Equal(used[p.Session]) && p.Project > folders[p.Session] {
			used[p.Session], folders[p.Session] = p.Modified, p.Project
		} else if p.Modified.IsZero() && p.Project > folders[p.Session] && used[p.Session].IsZero() {
			folders[p.Session] = p.Project
		}
	}
	kept := settleGrown(parts)
	for i := range kept {
		e := &kept[i]
		e.Time = firstTime(used[e.Session], e.Time)
		e.Project = folders[e.Session]
	}
	return kept
}
