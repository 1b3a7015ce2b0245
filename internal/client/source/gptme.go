package source

import (
	"path"
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// gptme, as versions since 0.29 write it: JSON lines for every conversation and every branch of it, which begins with a copy. An
// answer's metadata tell what it used, in older versions without a name around the counters. All are apart, and times
// are those of the machine's clock.
var gptme = Source{
	ID:   "gptme",
	Name: "gptme",
	Places: []Place{{
		Env:   []Env{{Name: "GPTME_LOGS_HOME"}},
		Roots: []string{"$XDG_DATA_HOME/gptme/logs"},
		Files: []string{"*/conversation.jsonl", "*/branches/*.jsonl"},
	}},
	Read:     readGptme,
	Resume:   resumeGptme,
	Reason:   "what it left tells no counters",
	Quality:  "exact",
	Revision: 2,
}

func readGptme(f File) Part { return gptmeLines(collect(f), 0) }

func resumeGptme(f File, p Part) (Part, bool) { return goOn(f, p, gptmeLines) }

func gptmeLines(c *collector, place int) Part {
	f := c.file
	conversation, _, _ := strings.Cut(f.Path(), "/")
	var w jsonwalk.Walker
	for line := range f.Lines() {
		place++
		w.Reset(line)
		l := readGptmeLine(&w, f.Zone())
		if w.End() != nil {
			f.Fault(Malformed)
			continue
		}
		e := Entry{Record: usage.Record{Model: unrouted(l.model, "/"), Session: conversation, Time: l.at, Tokens: l.n.tokens()}}
		if l.role == "assistant" && c.believes(l.n.all()...) && c.named(e.Model, e.Tokens) {
			told := e.Record
			told.Time = l.shown
			e.ID = ledgerID("", told, place)
			if e.Time.IsZero() {
				e.ID = ledgerID(f.Path(), told, place)
			}
			c.add(e)
		}
	}
	return c.endAt(place, path.Base(conversation), "")
}

type gptmeLine struct {
	role, model string
	at, shown   time.Time
	n           fourCounts
}

func readGptmeLine(w *jsonwalk.Walker, zone *time.Location) (l gptmeLine) {
	wanted := map[string]*int64{"input_tokens": &l.n.input, "output_tokens": &l.n.output,
		"cache_read_tokens": &l.n.read, "cache_creation_tokens": &l.n.write}
	for key := range w.Members {
		switch string(key) {
		case "role":
			l.role = string(w.Text())
		case "timestamp":
			l.at, l.shown = whenHere(w, zone)
		case "metadata":
			for key := range w.Members {
				switch string(key) {
				case "model":
					l.model = trimmed(w.Text())
				case "usage":
					counts(w, wanted)
				default:
					count(w, key, wanted)
				}
			}
		}
	}
	return l
}
