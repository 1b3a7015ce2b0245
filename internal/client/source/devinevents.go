package source

import (
	"strconv"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// devinEvent is what a line of the desktop's log tells of usage.
type devinEvent struct {
	update string
	meta   devinUsage // as the protocol tells it: the prompt's counters grow, the output's are of one step
	step   devinUsage // as it was told before that, for one step
	model  string
	at     time.Time
}

type devinUsage struct {
	n    fourCounts
	told bool
}

// readDevinEvents adds a log up to one entry, or to one for every step where only those are told.
func readDevinEvents(f File) Part {
	c := collect(f)
	session := stem(f.Path())
	sum := Entry{Record: usage.Record{ID: session + ":log", Session: session}, Marks: Sum}
	var n fourCounts
	var told bool
	var w jsonwalk.Walker
	i := -1
	for line := range f.Lines() {
		i++
		w.Reset(line)
		var v devinEvent
		in(&w, []string{"notification"}, v.notification)
		switch {
		case w.End() != nil:
			f.Fault(Malformed)
			continue
		case !c.believes(append(v.meta.n.all(), v.step.n.all()...)...):
			continue
		}
		if sum.Model == "" {
			sum.Model = v.model
		}
		if v.update == "usage_update" && v.meta.told {
			told = true
			n = fourCounts{max(n.input, v.meta.n.input), n.output + v.meta.n.output, max(n.read, v.meta.n.read), max(n.write, v.meta.n.write)}
			if !v.at.IsZero() {
				sum.Time = v.at
			}
		} else if v.step.told {
			c.add(Entry{Record: usage.Record{ID: session + ":log:" + strconv.Itoa(i), Session: session, Model: devinNamed(v.model), Time: v.at, Tokens: v.step.n.tokens()}})
		}
	}
	c.part.Session = session
	if told && c.believes(n.all()...) {
		sum.Model, sum.Tokens = devinNamed(sum.Model), carve(n.tokens())
		c.part.Entries = nil
		c.add(sum)
	}
	return c.end(session, "")
}

func (v *devinEvent) notification(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "sessionUpdate":
			v.update = string(w.Text())
		case "_meta":
			v.protocol(w)
		case "content":
			in(w, []string{"metadata"}, v.metadata)
		case "metadata":
			v.metadata(w)
		case "metrics":
			v.step.take(w, "input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens")
		case "created_at", "timestamp":
			v.at = when(w)
		}
	}
}

func (v *devinEvent) protocol(w *jsonwalk.Walker) {
	n := &v.meta.n
	wanted := map[string]*int64{"cognition.ai/inputTokens": &n.input, "cognition.ai/outputTokens": &n.output,
		"cognition.ai/cachedReadTokens": &n.read, "cognition.ai/cachedWriteTokens": &n.write}
	for key := range w.Members {
		if string(key) == "cognition.ai/model" {
			v.model = trimmed(w.Text())
			continue
		}
		v.meta.told = count(w, key, wanted) || v.meta.told
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
			v.step.take(w, "input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens")
		}
	}
}

func (u *devinUsage) take(w *jsonwalk.Walker, input, output, read, write string) {
	counts(w, map[string]*int64{input: &u.n.input, output: &u.n.output, read: &u.n.read, write: &u.n.write})
	u.told = u.n != fourCounts{}
}
