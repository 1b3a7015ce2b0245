package source

import (
	"path"
	"strconv"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// DeepSeek Harness, version 0 of its files: JSON lines for every session, which may be packed. The input is beside what was
// cached, the reasoning inside the output. A fork begins with a copy of its parent, whose length the header tells.
// While an answer comes in, pieces of it are written; they count if it was never whole.
var dsh = Source{
	ID:   "dsh",
	Name: "DeepSeek Harness",
	Places: []Place{{
		Env:   []Env{{Name: "DSH_HOME"}},
		Roots: []string{"~/.dsh"},
		Files: []string{"sessions/**/session.jsonl", "sessions/**/session.jsonl.zstd", "sessions/**/session.jsonl.zst"},
	}},
	Read:     readDsh,
	Quality:  "exact",
	Revision: 1,
}

func readDsh(f File) Part {
	r := dshReader{whole: collect(f), pieces: collect(f), session: path.Base(path.Dir(f.Path()))}
	for line := range f.Lines() {
		if !r.line(f, line) {
			break
		}
	}
	for _, e := range r.pieces.part.Entries {
		if _, told := r.whole.seen[e.ID]; !told {
			r.whole.add(e)
		}
	}
	return r.whole.end(r.session, r.cwd)
}

type dshReader struct {
	walk          jsonwalk.Walker
	whole, pieces *collector
	session, cwd  string
	start         time.Time
	seed, events  int64 // events that are the parent's, and all so far
}

// dshLine is one event, or the header. Texts are valid until the walker is reset.
type dshLine struct {
	kind, id, cwd, model []byte
	version, seq, seed   int64
	at, created          time.Time
	turn, step           int64
	sequenced, stepped   bool
	counts               dshCounts
}

type dshCounts struct{ input, read, write, output, reasoning int64 }

// line reports whether to read on: what a later version writes is not guessed at.
func (r *dshReader) line(f File, line []byte) bool {
	r.walk.Reset(line)
	l := readDshLine(&r.walk)
	if r.walk.End() != nil {
		f.Fault(Malformed)
		return true
	}
	if !l.sequenced {
		l.seq = r.events
	}
	r.events++
	switch string(l.kind) {
	case "session":
		if l.version != 0 {
			f.Fault(Unfamiliar)
			return false
		}
		r.seed, r.start, r.cwd, r.events = l.seed, l.created, string(l.cwd), 0
		if len(l.id) > 0 {
			r.session = string(l.id)
		}
	case "assistant/message":
		r.answer(r.whole, &l)
	case "assistant/chunk":
		r.answer(r.pieces, &l)
	}
	return true
}

func (r *dshReader) answer(to *collector, l *dshLine) {
	n := l.counts
	if l.seq < r.seed || !to.believes(n.input, n.read, n.write, n.output, n.reasoning) {
		return
	}
	e := Entry{Record: usage.Record{Session: r.session, Model: trimmed(l.model), Time: firstTime(l.at, r.start),
		Tokens: usage.Tokens{Input: n.input, CacheRead: n.read, CacheWrite5m: n.write, Output: n.output, Reasoning: min(n.reasoning, n.output)}}}
	e.ID = r.session + ":" + strconv.FormatInt(l.turn, 10) + ":" + strconv.FormatInt(l.step, 10)
	if !l.stepped {
		e.ID = ledgerID(r.session, e.Record, int(l.seq))
	}
	if to.named(e.Model, e.Tokens) {
		to.replace(e)
	}
}

func readDshLine(w *jsonwalk.Walker) (l dshLine) {
	for key := range w.Members {
		switch string(key) {
		case "type":
			l.kind = w.Text()
		case "version":
			l.version = w.Count()
		case "id":
			l.id = w.Text()
		case "cwd":
			l.cwd = w.Text()
		case "createdAt":
			l.created = when(w)
		case "seedLength":
			l.seed = w.Count()
		case "seq":
			l.sequenced, l.seq = !w.Null(), w.Count()
		case "time":
			l.at = when(w)
		case "data":
			l.data(w)
		}
	}
	return l
}

func (l *dshLine) data(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "turn":
			l.stepped, l.turn = true, w.Count()
		case "step":
			l.stepped, l.step = true, w.Count()
		case "usage":
			l.counts = readDshCounts(w)
		case "message":
			for key := range w.Members {
				if string(key) == "source" {
					l.source(w)
				}
			}
		case "source":
			l.source(w)
		}
	}
}

func (l *dshLine) source(w *jsonwalk.Walker) {
	for key := range w.Members {
		if string(key) == "model" {
			l.model = w.Text()
		}
	}
}

func readDshCounts(w *jsonwalk.Walker) (n dshCounts) {
	for key := range w.Members {
		switch string(key) {
		case "inputTokens":
			n.input = w.Count()
		case "cacheReadTokens":
			n.read = w.Count()
		case "cacheWriteTokens":
			n.write = w.Count()
		case "outputTokens":
			n.output = w.Count()
		case "reasoningTokens":
			n.reasoning = w.Count()
		}
	}
	return n
}
