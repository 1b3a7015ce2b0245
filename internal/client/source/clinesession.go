package source

import (
	"path"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// clineInclusive are the providers that hand Cline's tasks a prompt's whole size, the cached tokens inside; all others
// take them out.
var clineInclusive = map[string]bool{
	"openai": true, "litellm": true, "doubao": true, "fireworks": true, "hicap": true, "lmstudio": true, "qwen": true, "xai": true, "zai": true,
}

func clineTokens(r taskRequest) usage.Tokens {
	if clineInclusive[r.provider] {
		return r.inside()
	}
	return r.beside()
}

// readClineMetrics takes the counters of a session's message, or of the whole session. The input has the cached tokens inside.
func readClineMetrics(w *jsonwalk.Walker) (n fourCounts) {
	counts(w, map[string]*int64{"inputTokens": &n.input, "outputTokens": &n.output, "cacheReadTokens": &n.read, "cacheWriteTokens": &n.write})
	return n
}

// clineMain is the agent of a session that is no subagent.
const clineMain = "main"

// readClineMessages reads the messages of a session's agent: a list, or an object that has one.
func readClineMessages(f File) Part {
	c := collect(f)
	session := path.Base(path.Dir(f.Path()))
	agent := strings.TrimSuffix(path.Base(f.Path()), ".messages.json")
	if agent == session {
		agent = clineMain
	}
	c.part.Session = session
	w, ok := document(f)
	if !ok {
		return c.part
	}
	if w.Kind() == jsonwalk.Array {
		c.clineMessages(w, session+":"+agent)
	} else {
		for key := range w.Members {
			if string(key) == "messages" {
				c.clineMessages(w, session+":"+agent)
			}
		}
	}
	ended(f, w)
	return c.end(session, "")
}

func (c *collector) clineMessages(w *jsonwalk.Walker, agent string) {
	for i := range w.Elements {
		var id, role []byte
		var m fourCounts
		var shown bool
		e := Entry{}
		for key := range w.Members {
			switch string(key) {
			case "id":
				id = w.Text()
			case "role":
				role = w.Text()
			case "ts":
				e.Time = when(w)
			case "modelInfo":
				for key := range w.Members {
					if string(key) == "id" {
						e.Model = trimmed(w.Text())
					}
				}
			case "metrics":
				m = readClineMetrics(w)
			case "metadata":
				for key := range w.Members {
					if string(key) == "displayOnly" {
						shown = w.True()
					}
				}
			}
		}
		if w.Broken() || shown || string(role) != "assistant" || !c.believes(m.all()...) {
			continue
		}
		e.ID, e.Tokens = agent+":"+string(id), m.inside()
		if len(id) == 0 {
			e.ID = agent + ":#" + strconv.Itoa(i)
		}
		c.add(e)
	}
}

// readClineSession reads what a session says of itself: its model, its folder, and its sum for want of messages that say
// more. The sum that has the subagents inside is left alone, for they have messages of their own.
func readClineSession(f File) Part {
	c := collect(f)
	session := path.Base(path.Dir(f.Path()))
	c.part.Session = session
	w, ok := document(f)
	if !ok {
		return c.part
	}
	var m fourCounts
	var model, cwd, workspace string
	var started, finished time.Time
	for key := range w.Members {
		switch string(key) {
		case "model":
			model = trimmed(w.Text())
		case "cwd":
			cwd = string(w.Text())
		case "workspace_root":
			workspace = string(w.Text())
		case "started_at":
			started = when(w)
		case "ended_at":
			finished = when(w)
		case "metadata":
			for key := range w.Members {
				if string(key) == "usage" {
					m = readClineMetrics(w)
				}
			}
		}
	}
	ended(f, w)
	if model != "" {
		c.part.Models = []ModelFrom{{Model: model}}
	}
	if c.part.Project = cwd; workspace != "" {
		c.part.Project = workspace
	}
	if finished.IsZero() {
		finished = started
	}
	if c.believes(m.all()...) {
		c.add(Entry{Record: usage.Record{ID: session + ":" + clineMain + ":", Model: model, Time: finished, Tokens: m.inside()}, Marks: Sum})
	}
	return c.end(session, "")
}
