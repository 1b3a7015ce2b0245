package source

import (
	"path"
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// Reasonix, as its rewrite in Go has written it since July 2026: a file for every day, with a line for every request and no
// content at all. The prompt is what the cache missed and what it hit, reasoning is inside the completion. Lines
// that mark the end of a turn, or tell of a compaction that has a line of its own, hold no usage.
var reasonix = Source{
	ID:   "reasonix",
	Name: "Reasonix",
	Places: []Place{{
		Env:   []Env{{Name: "REASONIX_STATE_HOME"}, {Name: "REASONIX_HOME"}},
		Roots: []string{"~/.reasonix"},
		Files: []string{"stats/*.jsonl"},
	}},
	Read:     readReasonix,
	Resume:   resumeReasonix,
	Quality:  "exact",
	Revision: 1,
}

func readReasonix(f File) Part { return reasonixLines(collect(f), 0) }

func resumeReasonix(f File, p Part) (Part, bool) { return goOn(f, p, reasonixLines) }

func reasonixLines(c *collector, place int) Part {
	f := c.file
	day := strings.TrimSuffix(path.Base(f.Path()), ".jsonl")
	start, _ := time.Parse(time.DateOnly, day)
	w := jsonwalk.New(nil)
	for line := range f.Lines() {
		place++
		w.Reset(line)
		l := readReasonixLine(w)
		if w.End() != nil {
			f.Fault(Malformed)
			continue
		}
		if l.turn || !c.believes(l.prompt, l.hit, l.miss, l.output, l.reasoning, l.entry().Tokens.Input) {
			continue
		}
		e := l.entry()
		e.ID = ledgerID(day, e.Record, place)
		e.Time = firstTime(e.Time, start)
		if c.named(e.Model, e.Tokens) {
			c.add(e)
		}
	}
	return c.endAt(place, "", "")
}

// reasonixLine is one request.
type reasonixLine struct {
	model                                       string
	at                                          time.Time
	prompt, hit, miss, output, reasoning, total int64
	turn                                        bool
}

func readReasonixLine(w *jsonwalk.Walker) (l reasonixLine) {
	for key := range w.Members {
		switch string(key) {
		case "ts":
			l.at = when(w)
		case "model":
			l.model = unrouted(trimmed(w.Text()), "/")
		case "prompt":
			l.prompt = w.Count()
		case "cache_hit":
			l.hit = w.Count()
		case "cache_miss":
			l.miss = w.Count()
		case "completion":
			l.output = w.Count()
		case "reasoning":
			l.reasoning = w.Count()
		case "total":
			l.total = w.Count()
		case "turn":
			l.turn = w.True()
		}
	}
	return l
}

// entry takes the input from the prompt where the provider tells no misses.
func (l reasonixLine) entry() Entry {
	e := Entry{Record: usage.Record{Model: l.model, Time: l.at}}
	switch {
	case l.prompt+l.hit+l.miss+l.output == 0:
		e.Tokens.Input = l.total
		e.Marks = Coarse
		return e
	case l.miss > 0:
		e.Tokens = usage.Tokens{Input: l.miss, CacheRead: l.hit}
	default:
		e.Tokens = apart(l.prompt, l.hit, 0)
	}
	e.Tokens.Output, e.Tokens.Reasoning = l.output, min(l.reasoning, l.output)
	return e
}
