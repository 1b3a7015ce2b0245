package source

import (
	"net/url"
	"path"
	"strconv"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// Grok Build: a folder for every session, in whose log of updates the end of a turn tells what it used, since that was added,
// and one log of the whole program, which forgets its beginning, with a line for every request. The input has the cached
// tokens inside, the output the reasoning. Running totals of the context are no usage and are left alone. Where several
// models took part in a turn, each has counters of its own.
var grok = Source{
	ID:   "grok",
	Name: "Grok Build",
	Places: []Place{{
		Env:   []Env{{Name: "GROK_HOME"}},
		Roots: []string{"~/.grok"},
		Files: []string{"sessions/*/*/updates.jsonl", "sessions/*/*/summary.json", "sessions/*/*/signals.json", "logs/unified.jsonl"},
	}},
	Read:     readGrok,
	Settle:   settleGrok,
	Reason:   "what it left tells how full the context was, and no usage",
	Quality:  "exact",
	Revision: 2,
}

// grokTurn is the end of a turn.
type grokTurn struct {
	at            time.Time
	ended         bool
	prompt, event string
	n             grokCounts
	total         int64
	models        []grokModel
}

type grokModel struct {
	name string
	n    grokCounts
}

type grokCounts struct {
	fourCounts
	reasoning int64
}

// onlyTotal reports whether nothing but a sum is told.
func (n grokCounts) onlyTotal() bool { return n == grokCounts{} }

func (n grokCounts) tokens() usage.Tokens {
	t := n.inside()
	t.Reasoning = min(n.reasoning, t.Output)
	return t
}

func readGrok(f File) Part {
	session := path.Base(path.Dir(f.Path()))
	switch path.Base(f.Path()) {
	case "unified.jsonl":
		return readGrokLog(f)
	case "summary.json":
		return readGrokModel(f, session, "current_model_id", false)
	case "signals.json":
		return readGrokModel(f, session, "primaryModelId", true)
	}
	c := collect(f)
	c.part.Session = session
	turns := make(map[string]grokTurn)
	var order []string
	var w jsonwalk.Walker
	i := -1
	for line := range f.Lines() {
		i++
		w.Reset(line)
		t := readGrokLine(&w)
		switch {
		case w.End() != nil:
			f.Fault(Malformed)
		case t.ended:
			name := t.name(i)
			if old, ok := turns[name]; ok { // the last telling counts
				c.part.Repeats++
				t.at = earlier(old.at, t.at)
			} else {
				order = append(order, name)
			}
			turns[name] = t
		}
	}
	for _, name := range order {
		c.grokTurn(session, name, turns[name])
	}
	return c.end(session, grokFolder(f.Path()))
}

// name tells a turn, which ends in the i-th line, from the others of its session.
func (t grokTurn) name(i int) string {
	switch {
	case t.prompt != "":
		return t.prompt
	case t.event != "":
		return t.event
	}
	return "#" + strconv.Itoa(i)
}

// grokTurn adds one entry for a turn, or one for each of its models.
func (c *collector) grokTurn(session, name string, t grokTurn) {
	e := Entry{Record: usage.Record{ID: session + ":" + name, Session: session, Time: t.at}}
	if t.prompt != "" || t.event != "" {
		e.Request = name
	}
	if len(t.models) == 1 {
		e.Model = t.models[0].name
	}
	if len(t.models) < 2 {
		t.models = []grokModel{{e.Model, t.n}}
	}
	for _, m := range t.models {
		if !c.believes(append(m.n.all(), m.n.reasoning)...) {
			return
		}
	}
	for _, m := range t.models {
		part := e
		part.Model, part.Tokens = m.name, m.n.tokens()
		if m.n.onlyTotal() && len(t.models) == 1 && t.total <= MaxCount {
			part.Tokens.Input, part.Marks = t.total, Coarse
		}
		part.ID += pieces + m.name
		part.Marks |= Piece
		c.add(part)
	}
}

func readGrokLine(w *jsonwalk.Walker) (t grokTurn) {
	for key := range w.Members {
		switch string(key) {
		case "timestamp":
			t.at = when(w)
		case "params":
			for key := range w.Members {
				switch string(key) {
				case "update":
					t.update(w)
				case "_meta":
					t.meta(w)
				}
			}
		case "_meta":
			t.meta(w)
		}
	}
	return t
}

func (t *grokTurn) meta(w *jsonwalk.Walker) {
	in(w, []string{"eventId"}, func(w *jsonwalk.Walker) { t.event = trimmed(w.Text()) })
}

func (t *grokTurn) update(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "sessionUpdate":
			t.ended = string(w.Text()) == "turn_completed"
		case "prompt_id":
			t.prompt = trimmed(w.Text())
		case "usage":
			t.n = t.usage(w)
		}
	}
}

// usage takes the counters of the whole turn, and those of its models.
func (t *grokTurn) usage(w *jsonwalk.Walker) (n grokCounts) {
	wanted := map[string]*int64{"inputTokens": &n.input, "outputTokens": &n.output, "cachedReadTokens": &n.read,
		"cacheCreationTokens": &n.write, "reasoningTokens": &n.reasoning}
	for key := range w.Members {
		if string(key) == "totalTokens" {
			t.total = w.Count()
			continue
		}
		if string(key) != "modelUsage" {
			count(w, key, wanted)
			continue
		}
		for name := range w.Members {
			m := grokModel{name: trimmed(name)}
			m.n = t.usage(w)
			t.models = append(t.models, m)
		}
	}
	return n
}

// grokFolder returns the folder that a session worked in, which the name of the folder above it is.
func grokFolder(file string) string {
	name := path.Base(path.Dir(path.Dir(file)))
	if folder, err := url.PathUnescape(name); err == nil {
		return folder
	}
	return name
}

// readGrokModel reads the model of a session whose turns name none, which is the value of a key of a document. It is weak where
// another document knows better.
func readGrokModel(f File, session, name string, weak bool) Part {
	p := Part{Session: session, Project: grokFolder(f.Path())}
	w, ok := document(f)
	if !ok {
		return p
	}
	for key := range w.Members {
		if string(key) == name {
			if model := trimmed(w.Text()); model != "" {
				p.Models = []ModelFrom{{Model: model, Weak: weak}}
			}
		}
	}
	ended(f, w)
	return p
}
