package source

import (
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// Aider, as versions 0.57 to 0.86 write the log of events that they keep on request: a line for every answer, with the prompt whole.
// Without the log there are only rounded figures between the words of the conversation, which is not read.
var aider = Source{
	ID:   "aider",
	Name: "Aider",
	Places: []Place{{
		Env:   []Env{{Name: "AIDER_ANALYTICS_LOG"}},
		Roots: []string{"~/.aider"},
		Files: []string{"analytics.jsonl"},
	}},
	Read:     readAider,
	Reason:   "it counts tokens only in a log that has to be asked for: aider --analytics-log ~/.aider/analytics.jsonl",
	Quality:  "coarse",
	Revision: 1,
}

func readAider(f File) Part {
	c := collect(f)
	w := jsonwalk.New(nil)
	place := 0
	for line := range f.Lines() {
		place++
		w.Reset(line)
		var event string
		var at time.Time
		var sent aiderSent
		for key := range w.Members {
			switch string(key) {
			case "event":
				event = string(w.Text())
			case "time":
				at = when(w)
			case "properties":
				sent.read(w)
			}
		}
		if w.End() != nil {
			f.Fault(Malformed)
			continue
		}
		if event != "message_send" {
			continue
		}
		e := Entry{Record: usage.Record{Model: sent.model, Time: at, Tokens: usage.Tokens{Input: sent.prompt, Output: sent.output}}}
		if e.Tokens.IsZero() && sent.total > 0 {
			e.Tokens.Input, e.Marks = sent.total, Coarse
		}
		if !c.believes(e.Tokens.Input, e.Tokens.Output) {
			continue
		}
		e.ID = ledgerID("aider", e.Record, place)
		if c.named(e.Model, e.Tokens) {
			c.add(e)
		}
	}
	return c.end("", "")
}

// aiderSent is what one message to the model cost.
type aiderSent struct {
	model                 string
	prompt, output, total int64
}

func (s *aiderSent) read(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "main_model":
			s.model = unrouted(trimmed(w.Text()), "/")
		case "prompt_tokens":
			s.prompt = w.Count()
		case "completion_tokens":
			s.output = w.Count()
		case "total_tokens":
			s.total = w.Count()
		}
	}
}
