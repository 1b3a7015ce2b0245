package source

import (
	"bytes"
	"path"
	"strconv"
	"strings"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// Kimi CLI, before it became Kimi Code: a log of the wire for every session and every subagent of it. A message that is told
// again is corrected by that. All counters are apart. The wire names no model; the settings do, as they are now.
var kimiCLI = Source{
	ID:   "kimi-cli",
	Name: "Kimi CLI",
	Places: []Place{{
		Env:   []Env{{Name: "KIMI_SHARE_DIR"}, {Name: "KIMI_DATA_DIR"}},
		Roots: []string{"~/.kimi"},
		Files: []string{"sessions/*/*/wire.jsonl", "sessions/*/*/subagents/*/wire.jsonl", "config.toml", "config.json"},
	}},
	Read:     readKimiCLI,
	Resume:   resumeKimiCLI,
	Settle:   settleKimiCLI,
	Quality:  "exact",
	Revision: 3,
}

// kimiDefault is the model that Kimi CLI starts with.
const kimiDefault = "kimi-for-coding"

func readKimiCLI(f File) Part {
	switch path.Base(f.Path()) {
	case "config.toml":
		return readKimiSettings(f)
	case "config.json":
		return readKimiOldSettings(f)
	}
	return readKimiWire(f)
}

func readKimiWire(f File) Part { return kimiLines(collect(f), 0) }

// resumeKimiCLI goes on with a wire; settings have no state.
func resumeKimiCLI(f File, p Part) (Part, bool) { return goOn(f, p, kimiLines) }

func kimiLines(c *collector, place int) Part {
	f := c.file
	names := strings.Split(strings.TrimPrefix(f.Path(), "sessions/"), "/")
	session := names[0]
	if len(names) > 1 {
		session = names[1]
	}
	wire := session + ":"
	if len(names) > 3 { // a subagent's, whose messages have names of their own
		wire += names[3] + ":"
	}
	var w jsonwalk.Walker
	for line := range f.Lines() {
		i := place
		place++
		w.Reset(line)
		var id []byte
		var n fourCounts
		status := false
		e := Entry{Record: usage.Record{Session: session}, Marks: Inferred, Mirrors: kimiCode.ID + ":" + kimiSession(session)}
		for key := range w.Members {
			switch string(key) {
			case "timestamp":
				e.Time = when(&w)
			case "message":
				status, id, n = readKimiMessage(&w)
			}
		}
		if w.End() != nil {
			f.Fault(Malformed)
			continue
		}
		if !status || !c.believes(n.all()...) {
			continue
		}
		e.ID, e.Tokens = wire+string(id), n.tokens()
		if len(id) == 0 {
			e.ID = wire + "#" + strconv.Itoa(i)
		}
		c.replace(e)
	}
	c.part.Session = session
	return c.endAt(place, session, "")
}

// readKimiMessage takes a message. What a subagent says is repeated in messages of another kind, which are left alone.
func readKimiMessage(w *jsonwalk.Walker) (status bool, id []byte, n fourCounts) {
	for key := range w.Members {
		switch string(key) {
		case "type":
			status = string(w.Text()) == "StatusUpdate"
		case "payload":
			for key := range w.Members {
				switch string(key) {
				case "message_id":
					id = w.Text()
				case "token_usage":
					counts(w, map[string]*int64{"input_other": &n.input, "output": &n.output, "input_cache_read": &n.read, "input_cache_creation": &n.write})
				}
			}
		}
	}
	return status, id, n
}

// readKimiSettings reads the one key of config.toml that names a model: it stands before any table.
func readKimiSettings(f File) (p Part) {
	for line := range f.Lines() {
		if line[0] == '[' {
			break
		}
		key, value, ok := bytes.Cut(line, []byte("="))
		if !ok || string(bytes.TrimSpace(key)) != "default_model" {
			continue
		}
		if model := kimiModel(quoted(value)); model != "" {
			p.Models = []ModelFrom{{Model: model}}
		}
	}
	return p
}

// quoted returns what stands between the first quotation mark and the next of its kind.
func quoted(b []byte) string {
	i := bytes.IndexAny(b, `"'`)
	if i < 0 {
		return ""
	}
	text, _, _ := bytes.Cut(b[i+1:], b[i:i+1])
	return string(text)
}

// readKimiOldSettings reads config.json, which came before config.toml.
func readKimiOldSettings(f File) (p Part) {
	w, ok := document(f)
	if !ok {
		return p
	}
	for key := range w.Members {
		switch string(key) {
		case "model", "default_model":
			if model := kimiModel(trimmed(w.Text())); model != "" {
				p.Models = []ModelFrom{{Model: model, Weak: true}}
			}
		}
	}
	ended(f, w)
	return p
}

// kimiModel returns the model without the name of the provider that the tool puts before it.
func kimiModel(name string) string {
	return strings.TrimPrefix(strings.TrimSpace(name), "kimi-code/")
}

// settleKimiCLI names the model that the settings say, or the one they begin with.
func settleKimiCLI(parts []Part) []Entry {
	set := ModelFrom{Model: kimiDefault, Weak: true}
	found := false
	for _, p := range parts {
		for _, m := range p.Models {
			if !found || set.Weak && !m.Weak || set.Weak == m.Weak && m.Model < set.Model {
				set, found = m, true
			}
		}
	}
	entries := Distinct(parts)
	for i := range entries {
		entries[i].Model = set.Model
	}
	return entries
}
