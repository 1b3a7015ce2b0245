package source

import (
	"path"
	"strconv"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// Junie: a log of events for every session. An answer's metadata list what each model used. The counters are apart, and
// reasoning is taken to be inside the output, which does not inflate. An event that is replayed is the same event.
var junie = Source{
	ID:   "junie",
	Name: "Junie",
	Places: []Place{{
		Roots: []string{"~/.junie"},
		Files: []string{"sessions/*/events.jsonl"},
	}},
	Read:     readJunie,
	Resume:   resumeJunie,
	Quality:  "exact",
	Revision: 1,
}

type junieUsage struct {
	model string
	n     grokCounts
}

func readJunie(f File) Part { return junieLines(collect(f), 0) }

func resumeJunie(f File, p Part) (Part, bool) { return goOn(f, p, junieLines) }

func junieLines(c *collector, place int) Part {
	f := c.file
	session := path.Base(path.Dir(f.Path()))
	var w jsonwalk.Walker
	for line := range f.Lines() {
		w.Reset(line)
		at, told, all := readJunieLine(&w)
		if w.End() != nil {
			f.Fault(Malformed)
			continue
		}
		for i, u := range all {
			t := u.n.fourCounts.tokens()
			t.Reasoning = min(u.n.reasoning, t.Output)
			if told && c.believes(append(u.n.all(), u.n.reasoning)...) && c.named(u.model, t) {
				c.add(Entry{Record: usage.Record{ID: junieID(session, at, u, i), Model: u.model, Time: at, Tokens: t}})
			}
		}
	}
	c.part.Session = session
	return c.endAt(place, session, "")
}

// junieID tells an answer by all that is told of it, for it has no name.
func junieID(session string, at time.Time, u junieUsage, i int) string {
	id := session + ":" + strconv.FormatInt(at.UnixMilli(), 10) + ":" + u.model + ":" + strconv.Itoa(i)
	for _, n := range append(u.n.all(), u.n.reasoning) {
		id += ":" + strconv.FormatInt(n, 10)
	}
	return id
}

func readJunieLine(w *jsonwalk.Walker) (at time.Time, told bool, all []junieUsage) {
	for key := range w.Members {
		switch string(key) {
		case "timestampMs":
			at = when(w)
		case "event":
			in(w, []string{"agentEvent"}, func(w *jsonwalk.Walker) {
				for key := range w.Members {
					switch string(key) {
					case "kind":
						told = string(w.Text()) == "LlmResponseMetadataEvent"
					case "modelUsage":
						for range w.Elements {
							all = append(all, readJunieUsage(w))
						}
					}
				}
			})
		}
	}
	return at, told, all
}

func readJunieUsage(w *jsonwalk.Walker) (u junieUsage) {
	wanted := map[string]*int64{"inputTokens": &u.n.input, "outputTokens": &u.n.output, "reasoningTokens": &u.n.reasoning,
		"cacheInputTokens": &u.n.read, "cacheReadInputTokens": &u.n.read, "cacheCreateTokens": &u.n.write, "cacheCreationInputTokens": &u.n.write}
	for key := range w.Members {
		if string(key) == "model" {
			u.model = trimmed(w.Text())
		} else {
			count(w, key, wanted)
		}
	}
	return u
}
