package source

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// grokRequest is the message of a line that tells a request which has ended.
const grokRequest = "shell.turn.inference_done"

// grokTurnMax is how long a turn is believed to take, so that one that ended that much before the log begins is not in it.
const grokTurnMax = time.Hour

// grokEvent is one line of the log of the whole program.
type grokEvent struct {
	at               time.Time
	session, message string
	process, loop    int64
	model, subagent  string
	chosen           string // the model from now on
	n                grokCounts
}

// readGrokLog reads the log of the whole program. A request names its session and most often no model: that is the one which
// its session, or else its process, was told to use last.
func readGrokLog(f File) Part {
	c := collect(f)
	inSession, inProcess := make(map[string]string), make(map[int64]string)
	var w jsonwalk.Walker
	for line := range f.Lines() {
		w.Reset(line)
		v := readGrokEvent(&w)
		if w.End() != nil {
			f.Fault(Malformed)
			continue
		}
		if v.subagent != "" && v.model != "" {
			inSession[v.subagent] = v.model
		}
		if v.message == grokRequest {
			c.grokRequest(&v, cmp.Or(v.model, inSession[v.session], inProcess[v.process]))
			continue
		}
		if v.chosen != "" && v.session != "" {
			inSession[v.session] = v.chosen
		} else if v.chosen != "" {
			inProcess[v.process] = v.chosen
		}
	}
	return c.end("", "")
}

// grokRequest adds a request. It has no ID: the log may hold a line of it twice.
func (c *collector) grokRequest(v *grokEvent, model string) {
	if v.session == "" || !c.believes(append(v.n.all(), v.n.reasoning)...) {
		return
	}
	e := Entry{Record: usage.Record{Model: model, Session: v.session, Time: v.at, Tokens: v.n.tokens()}, Marks: Final}
	e.ID = ledgerID(v.session+":"+strconv.FormatInt(v.process, 10)+":"+strconv.FormatInt(v.loop, 10), e.Record, len(c.part.Entries))
	c.add(e)
}

func readGrokEvent(w *jsonwalk.Walker) (v grokEvent) {
	for key := range w.Members {
		switch string(key) {
		case "ts", "timestamp":
			v.at = when(w)
		case "pid":
			v.process = w.Count()
		case "sid":
			v.session = trimmed(w.Text())
		case "msg":
			v.message = string(w.Text())
		case "ctx":
			v.context(w)
		}
	}
	return v
}

func (v *grokEvent) context(w *jsonwalk.Walker) {
	wanted := map[string]*int64{"prompt_tokens": &v.n.input, "cached_prompt_tokens": &v.n.read, "completion_tokens": &v.n.output,
		"reasoning_tokens": &v.n.reasoning, "loop_index": &v.loop}
	for key := range w.Members {
		switch string(key) {
		case "effective_model":
			v.model = trimmed(w.Text())
		case "subagent_id":
			v.subagent = trimmed(w.Text())
		case "model", "new_model", "current_model_id":
			v.chosen = cmp.Or(trimmed(w.Text()), v.chosen)
		default:
			count(w, key, wanted)
		}
	}
}

// grokTold tells a turn wherever it was copied to.
type grokTold struct {
	name   string
	at     time.Time
	tokens usage.Tokens
}

// settleGrok takes the requests of a session from the log of the whole program, and its turns from before that begins. A fork
// takes its parent's turns along.
func settleGrok(parts []Part) []Entry {
	logged := make(map[string]bool)
	var start time.Time
	for _, e := range entriesOf(parts) {
		if e.Marks.Has(Final) {
			logged[e.Session] = true
			start = earlier(start, e.Time)
		}
	}
	told := func(e Entry) grokTold { return grokTold{e.Request, e.Time.UTC(), e.Tokens} }
	inLog := make(map[grokTold]bool)
	for _, e := range entriesOf(parts) {
		if !e.Marks.Has(Final) && logged[e.Session] && e.Time.After(start.Add(-grokTurnMax)) {
			inLog[told(e)] = true
		}
	}
	kept := slices.Clone(parts)
	for i, p := range kept {
		kept[i].Entries = slices.DeleteFunc(slices.Clone(p.Entries), func(e Entry) bool { return !e.Marks.Has(Final) && inLog[told(e)] })
	}
	return settleBeside(kept)
}

func entriesOf(parts []Part) (all []Entry) {
	for _, p := range parts {
		all = append(all, p.Entries...)
	}
	return all
}
