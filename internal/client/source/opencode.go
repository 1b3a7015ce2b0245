package source

import (
	"cmp"
	"path"
	"strings"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// OpenCode: until version 1.2 one JSON document for every message, since then rows of the same documents in a database for
// every release channel, and since 2.0 rows of a second kind beside them. What is migrated stays where it was.
var openCode = Source{
	ID:   "opencode",
	Name: "OpenCode",
	Places: []Place{
		{
			Env:   []Env{{Name: "OPENCODE_DATA_DIR"}},
			Roots: []string{"$XDG_DATA_HOME/opencode", "$LOCALAPPDATA/opencode"},
			Files: openCodeFiles("opencode"),
		},
		{Env: []Env{{Name: "OPENCODE_DB"}}},
	},
	Read:     readOpenCode,
	Settle:   settleOpenCode,
	Own:      true,
	Quality:  "exact",
	Revision: 2,
	Server:   Server{Volume: "heavy", Hue: 4},
}

// openCodeFiles returns the patterns of what OpenCode, or a copy of it whose databases have that name, leaves.
func openCodeFiles(name string) []string {
	return []string{name + ".db", name + "-*.db", "storage/message/*/*.json", "project/*/storage/session/message/*/*.json"}
}

func readOpenCode(f File) Part {
	if path.Ext(f.Path()) != ".json" {
		return readOpenCodeTables(f, false)
	}
	doc := f.Bytes()
	if len(doc) == 0 {
		return Part{}
	}
	var p Part
	m, err := readOpenCodeMessage(jsonwalk.New(doc), make(words))
	m.id, m.session = cmp.Or(m.id, strings.TrimSuffix(path.Base(f.Path()), ".json")), cmp.Or(m.session, path.Base(path.Dir(f.Path())))
	if err != nil {
		f.Fault(Malformed)
		return p
	}
	if m.role != openCodeAnswer {
		return p
	}
	m.noted = f.Modified()
	if m.tokens.found && m.tokens.empty() {
		m.steps = openCodeParts(f, m.id)
	}
	if e, ok := m.entry(f); ok {
		p.Entries = append(p.Entries, e)
	}
	return p
}

// openCodeParts returns the counters of the steps of a message, whose parts are documents of their own.
func openCodeParts(f File, message string) (steps []openCodeTokens) {
	session := path.Dir(f.Path())
	base := path.Dir(path.Dir(session))
	for _, pattern := range []string{path.Join(base, "part", message, "*.json"), path.Join(base, "part", path.Base(session), message, "*.json")} {
		for part := range f.Beside(pattern) {
			w := jsonwalk.New(part.Bytes())
			var kind string
			var t openCodeTokens
			for key := range w.Members {
				switch string(key) {
				case "type":
					kind = string(w.Text())
				case "tokens":
					t = readOpenCodeTokens(w)
				}
			}
			if w.End() == nil && kind == openCodeStep {
				steps = append(steps, t)
			}
		}
	}
	return steps
}

// openCodeTokens are the counters of one message or step. The input has no cached tokens in it; the reasoning is inside the
// output or beside it, as the version had it.
type openCodeTokens struct {
	found                                         bool
	total, input, output, reasoning, cache, write int64
}

func readOpenCodeTokens(w *jsonwalk.Walker) (t openCodeTokens) {
	t.found = w.Kind() == jsonwalk.Object
	for key := range w.Members {
		switch string(key) {
		case "total":
			t.total = w.Count()
		case "input":
			t.input = w.Count()
		case "output":
			t.output = w.Count()
		case "reasoning":
			t.reasoning = w.Count()
		case "cache":
			for key := range w.Members {
				switch string(key) {
				case "read":
					t.cache = w.Count()
				case "write":
					t.write = w.Count()
				}
			}
		}
	}
	return t
}

func (t openCodeTokens) base() int64 { return t.input + t.output + t.cache + t.write }

func (t openCodeTokens) empty() bool { return t.base()+t.reasoning+t.total == 0 }

func (t openCodeTokens) sound() bool {
	return max(t.total, t.input, t.output, t.reasoning, t.cache, t.write) <= MaxCount
}

// beside reports whether the reasoning is to be added to the output, which the total tells, or
// added where there is none.
func (t openCodeTokens) beside(added bool) bool {
	base := t.base()
	switch {
	case t.total == 0:
		return added
	case t.total == base+t.reasoning:
		return true
	case t.total == base:
		return false
	}
	return t.total-base != 1 && base-t.total != 1 // one off is rounding; anything else is an answer that was not done
}

// tokens returns the counters as disjoint kinds, and whether there is only a total, which then is output.
func (t openCodeTokens) tokens(added bool) (tokens usage.Tokens, coarse bool) {
	if t.base()+t.reasoning == 0 {
		return usage.Tokens{Output: t.total}, t.total > 0
	}
	tokens = usage.Tokens{Input: t.input, CacheRead: t.cache, CacheWrite5m: t.write, Output: t.output, Reasoning: t.reasoning}
	if t.beside(added) {
		tokens.Output += t.reasoning
	}
	tokens.Reasoning = min(tokens.Reasoning, tokens.Output)
	return tokens, false
}
