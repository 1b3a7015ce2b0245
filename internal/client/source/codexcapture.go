package source

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// Kinds of lines that "codex exec --json" prints.
const (
	codexThreadStarted = "thread.started"
	codexTurnCompleted = "turn.completed"
)

// codexCaptured begins the sessions and IDs of what only a capture tells.
const codexCaptured = "exec:"

// codexCapture is what a run printed. Its usages are what the thread has used since it began, not what the turn did.
type codexCapture struct {
	thread string
	turns  []codexTurn
}

// codexTurn is the last usage that was printed of one thread.
type codexTurn struct {
	thread, model string
	at            time.Time
	used          codexUsage
}

// codexMessage is the part of a line that has the usage; some programs wrap what they pass on.
type codexMessage struct {
	kind, model []byte
	used        codexUsage
}

func (m *codexMessage) member(w *jsonwalk.Walker, key []byte) {
	switch string(key) {
	case "usage":
		m.used = readCodexUsage(w)
	case "model":
		m.model = w.Text()
	default:
		for key := range w.Members {
			switch string(key) {
			case "type":
				m.kind = w.Text()
			case "usage":
				m.used = readCodexUsage(w)
			case "model":
				m.model = w.Text()
			}
		}
	}
}

// start begins what is printed of a thread. A thread that is resumed goes on with its usage.
func (c *codexCapture) start(thread string) { c.thread = thread }

// turnCompleted notes the usage of a thread after a turn. A lower one than before is another thread's, for want of its name.
func (r *codexReader) turnCompleted(f File, l *codexLine) {
	t := codexTurn{thread: r.captured.thread, model: strings.TrimSpace(r.names.of(l.turn.model)), at: l.at.time(), used: l.turn.used}
	if !t.used.sound() {
		f.Fault(Corrupt)
		return
	}
	if t.used.tokens().IsZero() {
		return
	}
	for i := len(r.captured.turns) - 1; i >= 0; i-- {
		known := r.captured.turns[i]
		if known.thread == t.thread && t.used.holds(known.used) {
			t.model = cmp.Or(t.model, known.model)
			r.captured.turns[i] = t
			return
		}
	}
	r.captured.turns = append(r.captured.turns, t)
}

// holds reports whether no counter of u is smaller than that of v.
func (u codexUsage) holds(v codexUsage) bool {
	for i, n := range v.n {
		if u.n[i] < n {
			return false
		}
	}
	return true
}

// capture returns what the whole capture tells, as sums of its threads.
func (r *codexReader) capture(f File) Part {
	p := Part{Session: codexCaptured + f.Origin() + ":" + f.Path()}
	for i, t := range r.captured.turns {
		e := Entry{Marks: Sum, Record: usage.Record{Model: t.model, Session: t.thread, Time: t.at, Tokens: t.used.tokens()}}
		if e.ID = codexCaptured + t.thread; t.thread == "" {
			e.ID = p.Session + ":" + strconv.Itoa(i)
		}
		if e.Model == "" {
			e.Model = codexModel
			e.Marks |= Inferred
		}
		if e.Time.IsZero() {
			e.Time, e.Marks = f.Modified(), e.Marks|Local
		}
		if t.thread != "" {
			p.Parents = append(p.Parents, t.thread) // a rollout or another capture may tell it too
		}
		p.Entries = append(p.Entries, e)
	}
	return p
}

// settleCodexCaptures keeps of every thread that has no rollout what it is said to have used in the end.
func settleCodexCaptures(captures []Part, threads map[string]Part) (kept []Entry) {
	for _, e := range Distinct(captures) {
		if len(threads[e.Session].Entries) == 0 {
			kept = append(kept, e)
		}
	}
	return kept
}
