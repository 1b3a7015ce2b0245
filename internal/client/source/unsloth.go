package source

import (
	"strings"

	"tokenflex.ing/internal/usage"
)

// Unsloth Studio, as it has written since 2026: a database with a row for every request to the interface of its models, without any
// content. What was cached is inside the prompt.
var unsloth = Source{
	ID:   "unsloth",
	Name: "Unsloth Studio",
	Places: []Place{{
		Env:   []Env{{Name: "UNSLOTH_STUDIO_HOME"}},
		Roots: []string{"~/.unsloth/studio"},
		Files: []string{"studio.db"},
	}},
	Read:     readUnsloth,
	Quality:  "coarse",
	Revision: 1,
}

func readUnsloth(f File) Part {
	t, c := f.Tables(), collect(f)
	if !t.Has("api_usage_events", "id", "model", "prompt_tokens", "completion_tokens", "created_at") {
		f.Fault(Unfamiliar)
		return Part{}
	}
	total := wanted(f, t, "api_usage_events", "total_tokens")
	for row := range t.Query("SELECT id, model, prompt_tokens, completion_tokens, created_at, " + total + " FROM api_usage_events") {
		input, output, sum := row.Count(2), row.Count(3), row.Count(5)
		e := Entry{Record: usage.Record{ID: row.Text(0), Model: strings.TrimSpace(row.Text(1)), Time: row.When(4), Tokens: usage.Tokens{Input: input, Output: output}}}
		if e.Tokens.IsZero() && sum > 0 {
			e.Tokens.Input, e.Marks = sum, Coarse
		}
		if c.believes(e.Tokens.Input, e.Tokens.Output) && c.named(e.Model, e.Tokens) {
			c.add(e)
		}
	}
	return c.end("", "")
}
