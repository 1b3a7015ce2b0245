package source

import (
	"path"
	"strconv"
	"strings"

	"tokenflex.ing/internal/client/jsonwalk"
)

// Kimi Code: a log of the wire for every agent of a session. Its records of usage count; the ends of steps tell the same
// again, and records of the session's scope are sums. All counters are apart. A record names an alias of the model.
var kimiCode = Source{
	ID:   "kimi-code",
	Name: "Kimi Code",
	Places: []Place{{
		Env:   []Env{{Name: "KIMI_CODE_HOME"}},
		Roots: []string{"~/.kimi-code", "~/Library/Application Support/kimi-desktop/daimon-share/daimon/runtime/kimi-code/home"},
		Files: []string{"sessions/*/*/agents/*/wire.jsonl", "sessions/*/*/state.json"},
	}},
	Read:     readKimiCode,
	Settle:   settleBeside,
	Quality:  "exact",
	Revision: 1,
}

// kimiLine is one line of the wire.
type kimiLine struct {
	kind, scope, model, alias string
	n                         fourCounts
}

func readKimiCode(f File) Part {
	if path.Base(f.Path()) == "state.json" {
		return readKimiState(f)
	}
	c := collect(f)
	agent := path.Dir(f.Path())
	session := kimiSession(path.Dir(path.Dir(agent)))
	c.part.Session = session
	var w jsonwalk.Walker
	var asked string // the model of the last request
	aliases := make(map[string]string)
	i := -1
	for line := range f.Lines() {
		i++
		w.Reset(line)
		l, e := readKimiLine(&w)
		if w.End() != nil {
			f.Fault(Malformed)
			continue
		}
		if l.kind == "llm.request" && l.model != "" {
			asked = l.model
			aliases[l.alias] = l.model
		}
		if l.kind != "usage.record" || l.scope != "turn" || !c.believes(l.n.all()...) {
			continue
		}
		e.Model = l.model
		if real := aliases[l.model]; real != "" && l.model != "" {
			e.Model = real
		} else if l.model == "" || strings.HasPrefix(l.model, "__") && strings.HasSuffix(l.model, "__") {
			e.Model = asked
		}
		if e.Model == "" { // nothing but a name for what the environment says
			e.Model, e.Marks = kimiDefault, Inferred
		}
		e.ID, e.Tokens = session+":"+path.Base(agent)+":"+strconv.Itoa(i), l.n.tokens()
		c.add(e)
	}
	return c.end(session, "")
}

func readKimiLine(w *jsonwalk.Walker) (l kimiLine, e Entry) {
	for key := range w.Members {
		switch string(key) {
		case "type":
			l.kind = string(w.Text())
		case "usageScope":
			l.scope = string(w.Text())
		case "model":
			l.model = kimiModel(string(w.Text()))
		case "modelAlias":
			l.alias = kimiModel(string(w.Text()))
		case "time":
			e.Time = when(w)
		case "usage":
			counts(w, map[string]*int64{"inputOther": &l.n.input, "output": &l.n.output, "inputCacheRead": &l.n.read, "inputCacheCreation": &l.n.write})
		}
	}
	return l, e
}

// kimiSession returns the session that a folder is of, as Kimi CLI named it.
func kimiSession(folder string) string { return strings.TrimPrefix(path.Base(folder), "session_") }

// readKimiState reads the folder that a session worked in.
func readKimiState(f File) Part {
	p := Part{Session: kimiSession(path.Dir(f.Path()))}
	w, ok := document(f)
	if !ok {
		return p
	}
	for key := range w.Members {
		if string(key) == "workDir" {
			p.Project = string(w.Text())
		}
	}
	ended(f, w)
	return p
}
