package source

import (
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// Continue, as versions 0.9 to 1.3 write it: a line for every call in a file of its own, and before that a row in a database, which
// current versions fill too. Its first versions counted answers without their prompts. The tool counts with its own tokenizer; what
// was cached is inside the prompt.
var continueDev = Source{
	ID:   "continue",
	Name: "Continue",
	Places: []Place{{
		Env:   []Env{{Name: "CONTINUE_GLOBAL_DIR"}},
		Roots: []string{"~/.continue"},
		Files: []string{"dev_data/0.2.0/tokensGenerated.jsonl", "dev_data/devdata.sqlite"},
	}},
	Read:     readContinue,
	Settle:   settleContinue,
	Quality:  "coarse",
	Revision: 2,
}

// continueTable is the session of the part that a database is.
const continueTable = "tokens_generated"

func readContinue(f File) Part {
	if strings.HasSuffix(f.Path(), ".sqlite") {
		return readContinueTable(f)
	}
	c := collect(f)
	w := jsonwalk.New(nil)
	place := 0
	for line := range f.Lines() {
		place++
		w.Reset(line)
		var e continueEvent
		e.read(w)
		if w.End() != nil {
			f.Fault(Malformed)
			continue
		}
		if e.name != "" && e.name != "tokensGenerated" || !c.believes(e.prompt, e.generated) {
			continue
		}
		e.Tokens = usage.Tokens{Input: e.prompt, Output: e.generated}
		e.ID = ledgerID("continue", e.Record, place)
		if c.named(e.Model, e.Tokens) {
			c.add(Entry{Record: e.Record})
		}
	}
	return c.end("", "")
}

// continueEvent is one call, which some versions wrap.
type continueEvent struct {
	usage.Record
	name              string
	prompt, generated int64
}

func (e *continueEvent) read(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "eventName", "name":
			e.name = string(w.Text())
		case "timestamp":
			e.Time = when(w)
		case "model":
			e.Model = trimmed(w.Text())
		case "promptTokens":
			e.prompt = w.Count()
		case "generatedTokens":
			e.generated = w.Count()
		case "data":
			e.read(w)
		}
	}
}

func readContinueTable(f File) Part {
	t, c := f.Tables(), collect(f)
	if !t.Has(continueTable, "model", "tokens_generated", "timestamp") {
		f.Fault(Unfamiliar)
		return Part{}
	}
	id, prompt := columnOr(t, continueTable, "id", "''"), wanted(f, t, continueTable, "tokens_prompt")
	place := 0
	for row := range t.Query("SELECT " + id + ", model, " + prompt + ", tokens_generated, timestamp FROM tokens_generated ORDER BY timestamp") {
		place++
		input, output := row.Count(2), row.Count(3)
		if !c.believes(input, output) {
			continue
		}
		e := Entry{Record: usage.Record{Model: strings.TrimSpace(row.Text(1)), Time: row.When(4), Tokens: usage.Tokens{Input: input, Output: output}}}
		e.ID = ledgerID("continue:"+row.Text(0), e.Record, place)
		if c.named(e.Model, e.Tokens) {
			c.add(e)
		}
	}
	p := c.end("", "")
	p.Session = continueTable
	return p
}

// settleContinue takes the lines, and of the database, which holds the same beside them, the days before there were any.
func settleContinue(parts []Part) []Entry {
	table := func(p Part) bool { return p.Session == continueTable }
	lines := Distinct(slices.DeleteFunc(slices.Clone(parts), table))
	var first time.Time
	for _, e := range lines {
		first = earlier(first, e.Time)
	}
	rows := Distinct(slices.DeleteFunc(slices.Clone(parts), func(p Part) bool { return !table(p) }))
	if len(lines) > 0 {
		rows = slices.DeleteFunc(rows, func(e Entry) bool { return e.Time.IsZero() || !e.Time.Before(first.UTC().Truncate(24*time.Hour)) })
	}
	return append(lines, rows...)
}
