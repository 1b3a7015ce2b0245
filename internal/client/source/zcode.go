package source

import (
	"strings"

	"tokenflex.ing/internal/usage"
)

// ZCode: one database with a row for every request. The input has the cached tokens inside and the output the reasoning,
// which the computed total shows.
var zcode = Source{
	ID:   "zcode",
	Name: "ZCode",
	Places: []Place{{
		Env:   []Env{{Name: "ZCODE_HOME"}},
		Roots: []string{"~/.zcode"},
		Files: []string{"cli/db/db.sqlite"},
	}},
	Read:     readZCode,
	Quality:  "exact",
	Revision: 1,
}

func readZCode(f File) Part {
	c := collect(f)
	t := f.Tables()
	const requests = "model_usage"
	if !t.Has(requests, "id", "session_id", "model_id", "input_tokens", "output_tokens") {
		f.Fault(Unfamiliar)
		return c.part
	}
	folders := make(map[string]string)
	if t.Has("session", "id", "directory") {
		for row := range t.Query("SELECT id, directory FROM session") {
			folders[row.Text(0)] = row.Text(1)
		}
	}
	var columns []string
	for _, name := range []string{"cache_read_input_tokens", "cache_creation_input_tokens", "reasoning_tokens", "started_at", "completed_at"} {
		columns = append(columns, columnOr(t, requests, name, "NULL"))
	}
	for row := range t.Query("SELECT id, session_id, model_id, input_tokens, output_tokens, " + strings.Join(columns, ", ") + " FROM " + requests) {
		input, output, read, write, reasoning := row.Count(3), row.Count(4), row.Count(5), row.Count(6), row.Count(7)
		tokens := apart(input, read, write)
		tokens.Output, tokens.Reasoning = output, min(reasoning, output)
		model, session := strings.TrimSpace(row.Text(2)), row.Text(1)
		if !c.believes(input, output, read, write, reasoning) || !c.named(model, tokens) {
			continue
		}
		at := row.When(8)
		if at.IsZero() {
			at = row.When(9)
		}
		c.add(Entry{Record: usage.Record{ID: row.Text(0), Model: model, Session: session, Project: folders[session], Time: at, Tokens: tokens}})
	}
	return c.part
}
