package source

import (
	"cmp"
	"iter"
	"net/url"
	"strings"
	"time"

	"tokenflex.ing/internal/usage"
)

// Antigravity: since the end of 2025 one database for every conversation, with a message of protocol buffers for every
// generation, which later builds write into the steps of the conversation. Before, and in other folders still,
// conversations are encrypted.
var antigravity = Source{
	ID:   "antigravity",
	Name: "Antigravity",
	Places: []Place{
		{
			Shared: true,
			Env:    []Env{{Name: "GEMINI_CLI_HOME", Below: ".gemini"}, {Name: "GEMINI_CLI_HOME"}},
			Roots:  []string{"~/.gemini"},
			Files:  []string{"antigravity-cli/conversations/*.db", "antigravity/conversations/*.db", "antigravity-ide/conversations/*.db"},
		},
		{
			Env:   []Env{{Name: "ANTIGRAVITY_DATA_DIR"}},
			Files: []string{"conversations/*.db", "*/conversations/*.db"},
		},
		{Roots: []string{"~/.gemini/antigravity*"}},
	},
	Read:     readAntigravity,
	Reason:   "these of its conversations are encrypted",
	Quality:  "exact",
	Revision: 1,
}

// antigravityRouter is the model of generations whose model was chosen by a router, which other generations name.
const antigravityRouter = "gemini-default"

// antigravityCall is one generation.
type antigravityCall struct {
	model, label, response                       string
	at                                           time.Time
	input, output, write, read, thought, visible int64
}

func readAntigravity(f File) Part {
	c := collect(f)
	t := f.Tables()
	generations, steps := has(f, t, "gen_metadata", "idx", "data"), t.Has("steps", "idx", "step_type", "metadata")
	if !generations && !steps {
		f.Fault(Unfamiliar)
		return c.part
	}
	var created time.Time
	folder := ""
	if t.Has("trajectory_metadata_blob", "data") {
		for row := range t.Query("SELECT data FROM trajectory_metadata_blob") {
			created, folder = protoTime(protoMessage(row.Bytes(0), 2)), fileURI(protoMessage(protoMessage(row.Bytes(0), 1), 1))
		}
	}
	session := stem(f.Path())
	if generations {
		c.antigravityCalls(session, created, antigravityCalls(f, t.Query("SELECT idx, data FROM gen_metadata ORDER BY idx"), readAntigravityCall))
	}
	if len(c.part.Entries) == 0 && has(f, t, "steps", "idx", "step_type", "metadata") { // which tell the same, but for the model
		c.antigravityCalls(session, created, antigravityCalls(f, t.Query("SELECT idx, metadata FROM steps WHERE step_type = 15 ORDER BY idx"), readAntigravityStep))
	}
	return c.end(session, folder)
}

func antigravityCalls(f File, rows iter.Seq[Row], read func([]byte) (antigravityCall, bool)) (calls []antigravityCall) {
	for row := range rows {
		call, ok := read(row.Bytes(1))
		if !ok {
			f.Fault(Malformed)
			continue
		}
		call.response = cmp.Or(call.response, "#"+row.Text(0))
		calls = append(calls, call)
	}
	return calls
}

// antigravityCalls adds calls. A router's are of the model that another call names which has the same label, if one does.
func (c *collector) antigravityCalls(session string, created time.Time, calls []antigravityCall) {
	routed := make(map[string]string) // models by label
	for _, call := range calls {
		if call.model != "" && call.model != antigravityRouter && call.label != "" {
			routed[call.label] = call.model
		}
	}
	for _, call := range calls {
		if call.model == "" || call.model == antigravityRouter {
			call.model = cmp.Or(routed[call.label], unknownModel)
		}
		if c.believes(call.input, call.output, call.write, call.read, call.thought, call.visible) {
			c.add(Entry{Record: usage.Record{ID: session + ":" + call.response, Model: call.model, Time: firstTime(call.at, created), Tokens: call.tokens()}})
		}
	}
}

// tokens returns the counters as disjoint kinds, which they are but for the parts of the output.
func (c *antigravityCall) tokens() usage.Tokens {
	output := cmp.Or(c.output, c.thought+c.visible)
	return usage.Tokens{Input: c.input, CacheRead: c.read, CacheWrite5m: c.write, Output: output, Reasoning: min(c.thought, output)}
}

func readAntigravityCall(data []byte) (c antigravityCall, ok bool) {
	ok = protoFields(data, func(protoField) {})
	model := protoMessage(data, 1)
	ok = ok && protoFields(model, func(f protoField) {
		switch f.number {
		case 4:
			c.counters(f.bytes)
		case 9:
			c.at = protoTime(protoMessage(f.bytes, 4))
		case 19:
			c.model = trimmed(f.bytes)
		case 21:
			c.label = trimmed(f.bytes)
		}
	})
	return c, ok
}

// readAntigravityStep reads what a step of the model tells of itself.
func readAntigravityStep(data []byte) (c antigravityCall, ok bool) {
	ok = protoFields(data, func(f protoField) {
		switch f.number {
		case 1:
			c.at = protoTime(f.bytes)
		case 9:
			c.counters(f.bytes)
		}
	})
	return c, ok
}

// counters reads the message of counters, whose first field is the number of a model.
func (c *antigravityCall) counters(b []byte) {
	protoFields(b, func(f protoField) {
		n := int64(min(f.value, MaxCount+1))
		if int64(f.value) < 0 {
			n = 0
		}
		switch f.number {
		case 2:
			c.input = n
		case 3:
			c.output = n
		case 4:
			c.write = n
		case 5:
			c.read = n
		case 9:
			c.thought = n
		case 10:
			c.visible = n
		case 11:
			c.response = string(f.bytes)
		}
	})
}

// protoTime reads a timestamp: seconds and nanoseconds.
func protoTime(b []byte) time.Time {
	var seconds, nanos uint64
	protoFields(b, func(f protoField) {
		switch f.number {
		case 1:
			seconds = f.value
		case 2:
			nanos = f.value
		}
	})
	return believed(time.Unix(int64(min(seconds, 1<<40)), int64(min(nanos, 1e9))).UTC())
}

// fileURI returns the path that a file's URI names.
func fileURI(b []byte) string {
	u, err := url.Parse(string(b))
	if err != nil || u.Scheme != "file" {
		return ""
	}
	return strings.TrimSuffix(u.Path, "/")
}
