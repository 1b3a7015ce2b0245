package source

import (
	"strings"

	"tokenflex.ing/internal/client/jsonwalk"
)

// LingTai, as versions 0.5 to 0.19 of its kernel write it: a ledger for every agent with a line for every call. The input has the
// cached tokens inside. What the daemons of an agent use is in the agent's ledger too, so that theirs are not read.
var lingtai = Source{
	ID:   "lingtai",
	Name: "LingTai",
	Places: []Place{{
		Roots: []string{"~/.lingtai"},
		Files: []string{"*/logs/token_ledger.jsonl"},
	}},
	Read:     readLingtai,
	Resume:   resumeLingtai,
	Quality:  "exact",
	Revision: 1,
}

func readLingtai(f File) Part { return lingtaiLines(collect(f), 0) }

func resumeLingtai(f File, p Part) (Part, bool) { return goOn(f, p, lingtaiLines) }

func lingtaiLines(c *collector, place int) Part {
	f := c.file
	agent, _, _ := strings.Cut(f.Path(), "/")
	w := jsonwalk.New(nil)
	for line := range f.Lines() {
		place++
		w.Reset(line)
		var e Entry
		var run, mail []byte
		var input, cached, output, thinking int64
		for key := range w.Members {
			switch string(key) {
			case "ts":
				e.Time = when(w)
			case "model":
				e.Model = trimmed(w.Text())
			case "run_id":
				run = w.Text()
			case "em_id":
				mail = w.Text()
			case "input":
				input = w.Count()
			case "cached":
				cached = w.Count()
			case "output":
				output = w.Count()
			case "thinking":
				thinking = w.Count()
			}
		}
		if w.End() != nil {
			f.Fault(Malformed)
			continue
		}
		if !c.believes(input, cached, output, thinking) {
			continue
		}
		e.Tokens = apart(input, cached, 0)
		e.Tokens.Output, e.Tokens.Reasoning = output, min(thinking, output)
		e.ID = ledgerID(agent+":"+string(run)+":"+string(mail), e.Record, place)
		if c.named(e.Model, e.Tokens) {
			c.add(e)
		}
	}
	return c.endAt(place, "", "")
}
