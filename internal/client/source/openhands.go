package source

import (
	"path"
	"strconv"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// OpenHands, as version 1 of its command line writes it: for every conversation a document of its state, with the counters of
// every call by what the model was used for, and their sums. The prompt has the cached tokens inside and the completion the
// reasoning. Agents of others that it drives keep counters of their own, so that a conversation with one is left out.
var openHands = Source{
	ID:   "openhands",
	Name: "OpenHands",
	Places: []Place{
		{
			Env:   []Env{{Name: "OPENHANDS_CONVERSATIONS_DIR"}, {Name: "OPENHANDS_PERSISTENCE_DIR", Below: "conversations"}},
			Roots: []string{"~/.openhands/conversations"},
			Files: []string{"*/base_state.json"},
		},
		{Roots: []string{"~/.openhands/sessions"}},
	},
	Read:     readOpenHands,
	Reason:   "what it left tells no counters",
	Quality:  "exact",
	Revision: 1,
}

// openHandsDriven is the kind of an agent that only drives one of another tool.
const openHandsDriven = "ACPAgent"

// openHandsUse is what a model was used for in a conversation.
type openHandsUse struct {
	name, model string
	sum         openHandsCall
	calls       []openHandsCall
	times       []time.Time // of the calls that cost anything
}

type openHandsCall struct {
	id, model string
	n         grokCounts
}

func readOpenHands(f File) Part {
	c := collect(f)
	w, ok := document(f)
	if !ok {
		return c.part
	}
	session, folder, kind := path.Base(path.Dir(f.Path())), "", ""
	var uses []openHandsUse
	for key := range w.Members {
		switch string(key) {
		case "agent":
			in(w, []string{"kind"}, func(w *jsonwalk.Walker) { kind = string(w.Text()) })
		case "workspace":
			in(w, []string{"working_dir"}, func(w *jsonwalk.Walker) { folder = string(w.Text()) })
		case "stats":
			in(w, []string{"usage_to_metrics"}, func(w *jsonwalk.Walker) {
				for name := range w.Members {
					uses = append(uses, readOpenHandsUse(w, string(name)))
				}
			})
		}
	}
	ended(f, w)
	if kind == openHandsDriven {
		return Part{}
	}
	for _, u := range uses {
		c.openHandsUse(session, u)
	}
	c.part.Session = session
	return c.end(session, folder)
}

// openHandsUse adds the calls, or the sum where they are not told. Times are told of costs alone.
func (c *collector) openHandsUse(session string, u openHandsUse) {
	var last time.Time
	if len(u.times) > 0 {
		last = u.times[len(u.times)-1]
	}
	var marks Marks
	calls := u.calls
	if len(calls) == 0 {
		calls, marks = []openHandsCall{u.sum}, Sum
	}
	for i, call := range calls {
		e := Entry{Record: usage.Record{Model: unrouted(call.model, "/"), Time: last, Tokens: call.n.tokens()}, Marks: marks}
		if len(u.times) == len(calls) {
			e.Time = u.times[i]
		}
		if e.Model == "" {
			e.Model = unrouted(u.model, "/")
		}
		if e.ID = call.id; e.ID == "" {
			e.ID = session + ":" + u.name + ":#" + strconv.Itoa(i)
		}
		if c.believes(append(call.n.all(), call.n.reasoning)...) && c.named(e.Model, e.Tokens) {
			c.add(e)
		}
	}
}

func readOpenHandsUse(w *jsonwalk.Walker, name string) openHandsUse {
	u := openHandsUse{name: name}
	for key := range w.Members {
		switch string(key) {
		case "model_name":
			u.model = trimmed(w.Text())
		case "accumulated_token_usage":
			u.sum = readOpenHandsCall(w)
			u.sum.id = ""
		case "token_usages":
			for range w.Elements {
				u.calls = append(u.calls, readOpenHandsCall(w))
			}
		case "costs":
			for range w.Elements {
				in(w, []string{"timestamp"}, func(w *jsonwalk.Walker) { u.times = append(u.times, when(w)) })
			}
		}
	}
	return u
}

func readOpenHandsCall(w *jsonwalk.Walker) (call openHandsCall) {
	n := &call.n
	wanted := map[string]*int64{"prompt_tokens": &n.input, "completion_tokens": &n.output, "cache_read_tokens": &n.read,
		"cache_write_tokens": &n.write, "reasoning_tokens": &n.reasoning}
	for key := range w.Members {
		switch string(key) {
		case "model":
			call.model = trimmed(w.Text())
		case "response_id":
			call.id = trimmed(w.Text())
		default:
			count(w, key, wanted)
		}
	}
	return call
}
