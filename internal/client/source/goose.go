package source

import (
	"strings"

	"tokenflex.ing/internal/usage"
)

// Goose, since October 2025: one database with a row for every session, in which sums of all its requests grow beside the
// counters of the last one. Cached tokens are inside the input; how many is not said.
var goose = Source{
	ID:   "goose",
	Name: "Goose",
	Places: []Place{
		{
			Env:   []Env{{Name: "GOOSE_PATH_ROOT", Below: "data/sessions"}},
			Roots: []string{"$XDG_DATA_HOME/goose/sessions", "$XDG_DATA_HOME/Block/goose/sessions", "~/Library/Application Support/goose/sessions", "$APPDATA/Block/goose/data/sessions", "$APPDATA/Block/goose/sessions"},
			Files: []string{"sessions.db"},
		},
	},
	Read:     readGoose,
	Settle:   settleGrown,
	Quality:  SessionTotal,
	Revision: 1,
}

func readGoose(f File) Part {
	c := collect(f)
	t := f.Tables()
	if !t.Has("sessions", "id", "updated_at", "model_config_json") {
		f.Fault(Unfamiliar)
		return c.part
	}
	var counters []string
	for _, name := range []string{"total_tokens", "input_tokens", "output_tokens"} {
		counters = append(counters, columnOr(t, "sessions", "accumulated_"+name, "NULL"), columnOr(t, "sessions", name, "NULL"))
	}
	query := "SELECT id, " + columnOr(t, "sessions", "working_dir", "NULL") + ", updated_at, " + columnOr(t, "sessions", "created_at", "NULL") +
		", CASE WHEN json_valid(model_config_json) THEN json_extract(model_config_json, '$.model_name') END, " + strings.Join(counters, ", ") + " FROM sessions"
	for row := range t.Query(query) {
		total, input, output := row.Count(5), row.Count(7), row.Count(9)
		if input+output == 0 { // a version that did not add up
			total, input, output = row.Count(6), row.Count(8), row.Count(10)
		}
		model := strings.TrimSpace(row.Text(4))
		tokens := usage.Tokens{Input: input, Output: output}
		if rest := total - input - output; rest > 0 && rest <= output/2 { // thoughts, unless it is too much to be
			tokens.Output, tokens.Reasoning = output+rest, rest
		}
		if !c.believes(total, input, output) || !c.named(model, tokens) {
			continue
		}
		at := row.When(2)
		if at.IsZero() {
			at = row.When(3)
		}
		id := row.Text(0)
		c.add(Entry{Record: usage.Record{ID: id, Model: model, Session: id, Project: row.Text(1), Time: at, Tokens: tokens}})
	}
	return c.part
}
