package source

import (
	"cmp"
	"path"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// copilotJournal reads the events of one session.
type copilotJournal struct {
	walk    jsonwalk.Walker
	names   words
	session string
	folder  string
	model   string                   // of the last message that names one
	before  map[string]copilotRollup // of the last shutdown, by model
	said    map[string]int64         // output of the messages since then, by model
	ends    int                      // shutdowns so far
	part    Part
}

// copilotEvent is one line.
type copilotEvent struct {
	kind, id, message, model []byte
	session, folder          []byte
	at                       time.Time
	output                   int64
	success                  bool
	models                   []copilotRollup
}

// copilotRollup is what a process has used of one model. It grows until the process ends; a resumed session goes on from it
// in some versions, and from nothing in others.
type copilotRollup struct {
	model    string
	requests int64
	tokens   copilotTokens
}

func readCopilotJournal(f File) Part {
	r := &copilotJournal{names: make(words), before: make(map[string]copilotRollup), said: make(map[string]int64)}
	r.session = strings.TrimSuffix(path.Base(f.Path()), ".jsonl")
	if r.session == "events" {
		r.session = path.Base(path.Dir(f.Path()))
	}
	for line := range f.Lines() {
		r.walk.Reset(line)
		e := r.event()
		if r.walk.End() != nil {
			f.Fault(Malformed)
			continue
		}
		r.apply(f, &e)
	}
	for i := range r.part.Entries {
		e := &r.part.Entries[i]
		kind, rest, _ := strings.Cut(e.ID, ":")
		e.ID, e.Session, e.Project = kind+":"+r.session+":"+rest, r.session, r.folder
	}
	return r.part
}

func (r *copilotJournal) event() (e copilotEvent) {
	w := &r.walk
	for key := range w.Members {
		switch string(key) {
		case "type":
			e.kind = w.Text()
		case "id":
			e.id = w.Text()
		case "timestamp":
			e.at = when(w)
		case "data":
			r.data(&e)
		}
	}
	return e
}

func (r *copilotJournal) data(e *copilotEvent) {
	w := &r.walk
	for key := range w.Members {
		switch string(key) {
		case "sessionId":
			e.session = w.Text()
		case "context":
			for key := range w.Members {
				if string(key) == "cwd" {
					e.folder = w.Text()
				}
			}
		case "messageId":
			e.message = w.Text()
		case "model":
			e.model = w.Text()
		case "outputTokens":
			e.output = w.Count()
		case "success":
			e.success = w.True()
		case "modelMetrics":
			for key := range w.Members {
				e.models = append(e.models, readCopilotRollup(w, strings.TrimSpace(r.names.of(key))))
			}
		}
	}
}

func readCopilotRollup(w *jsonwalk.Walker, model string) copilotRollup {
	u := copilotRollup{model: model}
	for key := range w.Members {
		switch string(key) {
		case "requests":
			for key := range w.Members {
				if string(key) == "count" {
					u.requests = w.Count()
				}
			}
		case "usage":
			for key := range w.Members {
				switch string(key) {
				case "inputTokens":
					u.tokens.input = w.Count()
				case "outputTokens":
					u.tokens.output = w.Count()
				case "cacheReadTokens":
					u.tokens.read = w.Count()
				case "cacheWriteTokens":
					u.tokens.write = w.Count()
				case "reasoningTokens":
					u.tokens.reasoning = w.Count()
				}
			}
		}
	}
	return u
}

func (r *copilotJournal) apply(f File, e *copilotEvent) {
	switch string(e.kind) {
	case "session.start":
		if len(e.session) > 0 {
			r.session = r.names.of(e.session)
		}
		if len(e.folder) > 0 {
			r.folder = r.names.of(e.folder)
		}
	case "assistant.message":
		r.message(f, e)
	case "session.compaction_complete":
		if e.success {
			clear(r.before) // the process counts anew
			clear(r.said)
		}
	case "session.shutdown":
		for _, u := range e.models {
			r.rollup(f, u, e.at)
		}
		clear(r.said)
		r.ends++
	}
}

func (r *copilotJournal) message(f File, e *copilotEvent) {
	r.model = cmp.Or(strings.TrimSpace(r.names.of(e.model)), r.model)
	switch {
	case e.output == 0:
		return
	case e.output > MaxCount:
		f.Fault(Corrupt)
		return
	case r.model == "":
		f.Fault(Unnamed)
		return
	}
	r.said[r.model] += e.output
	id := string(firstOf(e.message, e.id))
	if id == "" {
		id = "#" + strconv.Itoa(len(r.part.Entries))
	}
	r.part.Entries = append(r.part.Entries, Entry{Record: usage.Record{ID: copilotMessage + id, Model: r.model, Time: e.at, Tokens: usage.Tokens{Output: e.output}}})
}

// rollup adds what the model was used for since the last shutdown.
func (r *copilotJournal) rollup(f File, u copilotRollup, at time.Time) {
	switch {
	case !u.tokens.sound():
		f.Fault(Corrupt)
		return
	case u.model == "":
		if !u.tokens.tokens().IsZero() {
			f.Fault(Unnamed)
		}
		return
	}
	t := u.tokens
	if before, ok := r.before[u.model]; ok && !u.anew(before, r.said[u.model]) {
		b := before.tokens
		t = copilotTokens{t.input - b.input, t.output - b.output, t.read - b.read, t.write - b.write, max(0, t.reasoning-b.reasoning)}
	}
	r.before[u.model] = u
	if tokens := t.tokens(); !tokens.IsZero() {
		id := copilotEnd + u.model + ":" + strconv.Itoa(r.ends)
		r.part.Entries = append(r.part.Entries, Entry{Record: usage.Record{ID: id, Model: u.model, Time: at, Tokens: tokens}})
	}
}

// anew reports whether the counters began at nothing after the last shutdown: one of them is lower than then, or the output
// is what was said since, and not what was said since beside what was then.
func (u copilotRollup) anew(before copilotRollup, said int64) bool {
	t, b := u.tokens, before.tokens
	return t.input < b.input || t.output < b.output || t.read < b.read || t.write < b.write || u.requests > 0 && u.requests < before.requests ||
		said > 0 && said == t.output && said != t.output-b.output
}
