package source

import (
	"cmp"
	"path"
	"strings"

	"tokenflex.ing/internal/usage"
)

// Goose: since October 2025 one database with a row for every session, in which sums of all its requests grow beside the
// counters of the last one. Cached tokens are inside the input; since version 1.50 there are columns that say how many.
// Before that every session was a file of lines, the first of which told the same, without a model. Sessions that a later
// version took over are in the database too.
var goose = Source{
	ID:   "goose",
	Name: "Goose",
	Places: []Place{
		{
			Env:   []Env{{Name: "GOOSE_PATH_ROOT", Below: "data/sessions"}},
			Roots: []string{"$XDG_DATA_HOME/goose/sessions", "$XDG_DATA_HOME/Block/goose/sessions", "~/Library/Application Support/goose/sessions", "$APPDATA/Block/goose/data/sessions", "$APPDATA/Block/goose/sessions"},
			Files: []string{"sessions.db", "*.jsonl"},
		},
	},
	Read:     readGoose,
	Settle:   settleGoose,
	Joins:    ByID | BySession,
	Quality:  SessionTotal,
	Revision: 2,
	Server:   Server{Hue: 8},
}

func readGoose(f File) Part {
	if path.Ext(f.Path()) == ".jsonl" {
		return readGooseLines(f)
	}
	c := collect(f)
	t := f.Tables()
	if !t.Has("sessions", "id", "updated_at", "model_config_json") {
		f.Fault(Unfamiliar)
		return c.part
	}
	for row := range t.Query(gooseQuery(f, t)) {
		id, model := row.Text(gooseID), cmp.Or(strings.TrimSpace(row.Text(gooseModel)), unknownModel)
		n := gooseCounts{row.Count(gooseTotal), row.Count(gooseInput), row.Count(gooseOutput), row.Count(gooseRead), row.Count(gooseWrite)}
		e := Entry{Record: usage.Record{ID: id, Model: model, Session: id, Project: row.Text(gooseFolder), Time: row.When(gooseUpdated), Tokens: n.tokens()}}
		if n.input+n.output == 0 {
			e.Marks = Coarse
		}
		if e.Time.IsZero() {
			e.Time = row.When(gooseCreated)
		}
		if c.believes(n.total, n.input, n.output, n.read, n.write) {
			c.add(e)
		}
	}
	return c.part
}

// The order of the columns that gooseQuery asks for.
const (
	gooseID = iota
	gooseFolder
	gooseUpdated
	gooseCreated
	gooseModel
	gooseTotal
	gooseInput
	gooseOutput
	gooseRead
	gooseWrite
)

// gooseQuery asks for the sums of every session. Where a version did not add up, the last request is all there is.
func gooseQuery(f File, t Tables) string {
	column := func(name string) string { return wanted(f, t, "sessions", name) }
	sum := func(name string) string { return column("accumulated_" + name) }
	added := "max(coalesce(" + sum("total_tokens") + ", 0), coalesce(" + sum("input_tokens") + ", 0), coalesce(" + sum("output_tokens") + ", 0)) > 0"
	last := func(name string) string {
		return "CASE WHEN " + added + " THEN coalesce(" + sum(name) + ", " + column(name) + ") ELSE " + column(name) + " END"
	}
	columns := []string{"id", columnOr(t, "sessions", "working_dir", "NULL"), "updated_at", column("created_at"),
		"CASE WHEN json_valid(model_config_json) THEN json_extract(model_config_json, '$.model_name') END",
		sum("total_tokens"), last("input_tokens"), last("output_tokens"),
		columnOr(t, "sessions", "accumulated_cache_read_tokens", "NULL"), columnOr(t, "sessions", "accumulated_cache_write_tokens", "NULL")}
	return "SELECT " + strings.Join(columns, ", ") + " FROM sessions"
}

// gooseCounts are the sums of one session.
type gooseCounts struct{ total, input, output, read, write int64 }

// tokens takes what the total has beyond input and output for thoughts, unless it is too much to be.
func (n gooseCounts) tokens() usage.Tokens {
	if n.input+n.output == 0 {
		return usage.Tokens{Input: n.total}
	}
	t := apart(n.input, n.read, n.write)
	t.Output = n.output
	if rest := n.total - n.input - n.output; rest > 0 && rest <= n.output/2 {
		t.Output, t.Reasoning = n.output+rest, rest
	}
	return t
}
