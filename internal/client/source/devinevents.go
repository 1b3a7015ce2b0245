package source

import (
	"cmp"
	"strconv"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
)

// devinEvent is what a line of the desktop's log tells of usage.
type devinEvent struct {
	update string
	call   devinCall  // as the protocol tells it: the input has the cached tokens inside
	step   fourCounts // as it was told before that, each apart
	told   bool       // a call is
	again  bool       // a call of the main agent, told a second time as one below the root
	model  string
	at     time.Time
}

// devinCall is all that tells one call from another: no name is given to it.
type devinCall struct {
	n          fourCounts
	used, size int64 // of the context
}

// devinLog reads one log of the desktop.
type devinLog struct {
	to       *collector
	session  string
	model    string
	at       time.Time
	last     devinCall
	untold   map[devinCall]int // calls of the main agent that have not been told a second time
	calls    []Entry
	place    int
	anyCalls bool
}

// readDevinEvents adds one entry for every call or, in logs that tell none, for every step.
func readDevinEvents(f File) Part {
	c := collect(f)
	r := devinLog{to: c, session: stem(f.Path()), untold: make(map[devinCall]int)}
	var w jsonwalk.Walker
	for line := range f.Lines() {
		r.place++
		w.Reset(line)
		v := readDevinEvent(&w)
		switch {
		case w.End() != nil:
			f.Fault(Malformed)
		case c.believes(append(v.call.n.all(), v.step.all()...)...):
			r.event(&v)
		}
	}
	c.part.Session = r.session
	if r.anyCalls {
		c.part.Entries = nil
		for _, e := range r.calls {
			e.Model, e.Time = devinNamed(e.Model, r.model), firstTime(e.Time, r.at)
			c.add(e)
		}
	}
	return c.end(r.session, "")
}

// event notes a call or a step. What it does not tell holds on from the event before.
func (r *devinLog) event(v *devinEvent) {
	r.model, r.at = cmp.Or(v.model, r.model), firstTime(v.at, r.at)
	e := Entry{}
	e.ID, e.Session, e.Model, e.Time = r.session+":log:"+strconv.Itoa(r.place), r.session, r.model, r.at
	switch {
	case v.update == "usage_update" && v.told:
		r.anyCalls = true
		if r.isNew(v) {
			e.Tokens = v.call.n.inside()
			r.calls = append(r.calls, e)
		}
	case v.step != fourCounts{}:
		e.Model, e.Tokens = devinNamed(e.Model), v.step.tokens()
		r.to.add(e)
	}
}

// isNew reports whether a call has not been told before: once more right after, or a second time as one below the root.
func (r *devinLog) isNew(v *devinEvent) bool {
	repeated := v.call == r.last
	if v.again && r.untold[v.call] > 0 {
		r.untold[v.call]--
		repeated = true
	} else if !v.again && !repeated {
		r.untold[v.call]++
	}
	r.last = v.call
	return !repeated
}

func readDevinEvent(w *jsonwalk.Walker) (v devinEvent) {
	for key := range w.Members {
		switch string(key) {
		case "notification":
			v.notification(w)
		case "created_at", "timestamp":
			v.at = firstTime(v.at, when(w))
		}
	}
	return v
}

func (v *devinEvent) notification(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "sessionUpdate":
			v.update = string(w.Text())
		case "used":
			v.call.used = w.Count()
		case "size":
			v.call.size = w.Count()
		case "_meta":
			v.protocol(w)
		case "content":
			in(w, []string{"metadata"}, v.metadata)
		case "metadata":
			v.metadata(w)
		case "metrics":
			v.metrics(w)
		case "created_at", "timestamp":
			v.at = when(w)
		}
	}
}

func (v *devinEvent) protocol(w *jsonwalk.Walker) {
	n := &v.call.n
	wanted := map[string]*int64{"cognition.ai/inputTokens": &n.input, "cognition.ai/outputTokens": &n.output,
		"cognition.ai/cachedReadTokens": &n.read, "cognition.ai/cachedWriteTokens": &n.write}
	for key := range w.Members {
		switch string(key) {
		case "cognition.ai/model":
			v.model = trimmed(w.Text())
		case "cognition.ai/subagent_context":
			in(w, []string{"parentAgentId"}, func(w *jsonwalk.Walker) { v.again = string(w.Text()) == "root" })
		default:
			v.told = count(w, key, wanted) || v.told
		}
	}
}

func (v *devinEvent) metadata(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "generation_model":
			v.model = trimmed(w.Text())
		case "created_at":
			v.at = when(w)
		case "metrics":
			v.metrics(w)
		}
	}
}

func (v *devinEvent) metrics(w *jsonwalk.Walker) {
	n := &v.step
	counts(w, map[string]*int64{"input_tokens": &n.input, "output_tokens": &n.output, "cache_read_tokens": &n.read, "cache_creation_tokens": &n.write})
}
