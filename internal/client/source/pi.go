package source

import (
	"math"
	"path"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// Pi, as versions 0.5 to 0.58 of its coding agent write it: JSON lines for every session, with a header of its own. Its four
// counters are disjoint, reasoning is inside the output. Branches and forks begin with a copy of the lines before
// them, under the same IDs and times; sessions of version 1 have no IDs until they are opened again.
var pi = Source{
	ID:   "pi",
	Name: "Pi",
	Places: []Place{{
		Env: []Env{{Name: "PI_CODING_AGENT_DIR", Below: "sessions"}, {Name: "PI_CODING_AGENT_SESSION_DIR"},
			{Name: "PI_AGENT_DIR"}}, // set by people who moved the sessions
		Roots: []string{"~/.pi/agent/sessions"},
		Files: []string{"**/*.jsonl"},
	}},
	Read:     readPi,
	Own:      true,
	Resume:   resumePi,
	Quality:  "exact",
	Revision: 1,
}

func readPi(f File) Part {
	r := piReader{to: collect(f), key: piKey}
	return r.lines(piSession(f.Path()))
}

func resumePi(f File, p Part) (Part, bool) {
	r := piReader{to: recollect(f, p), key: piKey}
	if !r.restore(p.State) {
		return p, false
	}
	return r.lines(piSession(f.Path())), true
}

// lines reads the file; the session is that of answers without one.
func (r *piReader) lines(session string) Part {
	for line := range r.to.file.Lines() {
		r.line(line)
	}
	s := state{texts: []string{r.session, r.cwd, savedTime(r.start), r.model}}
	s.putCount(r.answers)
	return r.to.endIn(s, session, "")
}

// restore puts the reader where the one stood that returned a part with that state.
func (r *piReader) restore(texts []string) bool {
	s := state{texts: texts}
	r.session, r.cwd, r.start, r.model, r.answers = s.text(), s.text(), s.time(), s.text(), s.count(math.MaxInt)
	return !s.broken && len(s.texts) == 0
}

// piSession returns the session that the name of a file tells: what follows the time in it.
func piSession(file string) string {
	stem := strings.TrimSuffix(path.Base(file), ".jsonl")
	if _, id, ok := strings.Cut(stem, "_"); ok {
		return id
	}
	return stem
}

// piReader follows a session: what its header and its changes of model say holds for the answers after them.
type piReader struct {
	walk         jsonwalk.Walker
	to           *collector
	key          func(*piLine) string // what tells an answer; "" if nothing does
	skip         func(*piLine) bool   // answers that no model gave; nil: none
	mirrors      func(*piLine) string // the other source's session that an answer was given in; nil: none
	session, cwd string               // of the header
	start        time.Time            // likewise
	model        string               // of the last change of model
	answers      int
}

// piLine is one line. Texts are valid until the walker is reset.
type piLine struct {
	kind, id, cwd, custom []byte
	changed               []byte // the model of a change or of a snapshot
	at                    time.Time
	message               piMessage
}

// piMessage is the message of a line.
type piMessage struct {
	role, model, response, api, idempotency []byte
	at                                      time.Time
	usage                                   piUsage
}

func (r *piReader) line(line []byte) {
	r.walk.Reset(line)
	w := &r.walk
	var l piLine
	for key := range w.Members {
		switch string(key) {
		case "type":
			l.kind = w.Text()
		case "id":
			l.id = w.Text()
		case "timestamp":
			l.at = when(w)
		case "cwd":
			l.cwd = w.Text()
		case "customType":
			l.custom = w.Text()
		case "modelId":
			l.changed = w.Text()
		case "data":
			for key := range w.Members {
				if string(key) == "modelId" {
					l.changed = w.Text()
				}
			}
		case "message":
			l.message.read(w)
		}
	}
	if w.End() != nil {
		r.to.file.Fault(Malformed)
		return
	}
	switch string(l.kind) {
	case "session":
		r.session, r.cwd, r.start = string(l.id), string(l.cwd), l.at
	case "model_change":
		r.model = trimmed(l.changed)
	case "custom":
		if string(l.custom) == "model-snapshot" {
			r.model = trimmed(l.changed)
		}
	case "message", "":
		r.answer(&l)
	}
}

func (m *piMessage) read(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "role":
			m.role = w.Text()
		case "model":
			m.model = w.Text()
		case "responseId":
			m.response = w.Text()
		case "api":
			m.api = w.Text()
		case "idempotencyKey":
			m.idempotency = w.Text()
		case "timestamp":
			m.at = when(w)
		case "usage":
			m.usage = readPiUsage(w)
		}
	}
}

// answer adds what an assistant's message cost.
func (r *piReader) answer(l *piLine) {
	m := &l.message
	if string(m.role) != "assistant" || r.skip != nil && r.skip(l) {
		return
	}
	r.answers++
	u := m.usage
	if !r.to.believes(u.input, u.read, u.write, u.output, u.reasoning, u.tokens().Input) {
		return
	}
	e := Entry{Record: usage.Record{ID: r.key(l), Model: trimmed(m.model), Session: r.session, Project: r.cwd,
		Time: firstTime(l.at, firstTime(m.at, r.start)), Tokens: u.tokens()}}
	if e.Model == "" {
		e.Model = r.model
	}
	if u.onlyTotal() {
		e.Marks = Coarse
	}
	if e.ID == "" && r.session != "" {
		e.ID = r.session + ":" + strconv.Itoa(r.answers)
	}
	if r.mirrors != nil {
		e.Mirrors = r.mirrors(l)
	}
	if r.to.named(e.Model, e.Tokens) {
		r.to.add(e)
	}
}

// piKey tells an answer by the provider's ID of it. Without that a copy has the same ID, time and counters.
func piKey(l *piLine) string {
	if len(l.message.response) > 0 {
		return string(l.message.response)
	}
	if at := firstTime(l.at, l.message.at); len(l.id) > 0 || !at.IsZero() {
		return string(l.id) + ":" + strconv.FormatInt(unixMilli(at), 10) + ":" + l.message.usage.key()
	}
	return ""
}

// piUsage are the counters of one answer. The reasoning is inside the output.
type piUsage struct{ input, read, write, output, reasoning, total int64 }

func readPiUsage(w *jsonwalk.Walker) (u piUsage) {
	for key := range w.Members {
		switch string(key) {
		case "input":
			u.input = w.Count()
		case "cacheRead":
			u.read = w.Count()
		case "cacheWrite":
			u.write = w.Count()
		case "output":
			u.output = w.Count()
		case "reasoning", "reasoningTokens":
			u.reasoning = w.Count()
		case "totalTokens":
			u.total = w.Count()
		}
	}
	return u
}

func (u piUsage) onlyTotal() bool { return u.input+u.read+u.write+u.output == 0 && u.total > 0 }

func (u piUsage) tokens() usage.Tokens {
	if u.onlyTotal() {
		return usage.Tokens{Input: u.total}
	}
	return usage.Tokens{Input: u.input, CacheRead: u.read, CacheWrite5m: u.write, Output: u.output, Reasoning: min(u.reasoning, u.output)}
}

func (u piUsage) key() string {
	var b []byte
	for _, n := range [...]int64{u.input, u.read, u.write, u.output} {
		b = append(strconv.AppendInt(b, n, 10), ':')
	}
	return string(b)
}

func firstTime(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}

// unixMilli returns the milliseconds since 1970, and 0 of no time.
func unixMilli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
