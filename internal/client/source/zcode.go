package source

import (
	"path"
	"slices"
	"strings"

	"tokenflex.ing/internal/usage"
)

// ZCode: one database with a row for every request, and transcripts, of which only some versions write usage. The input has the
// cached tokens inside and the output the reasoning, which the computed total shows. Of a session that is in both, the
// database tells all requests.
var zcode = Source{
	ID:   "zcode",
	Name: "ZCode",
	Places: []Place{{
		Env:   []Env{{Name: "ZCODE_HOME"}},
		Roots: []string{"~/.zcode"},
		Files: []string{"cli/db/db.sqlite", "projects/**/*.jsonl"},
	}},
	Read:     readZCode,
	Settle:   settleZCode,
	Reason:   "its transcripts hold no counters",
	Quality:  "exact",
	Revision: 1,
}

func readZCode(f File) Part {
	if path.Ext(f.Path()) == ".jsonl" {
		return readZCodeTranscript(f)
	}
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
	for _, name := range []string{"cache_read_input_tokens", "cache_creation_input_tokens", "reasoning_tokens", "started_at", "completed_at", "computed_total_tokens"} {
		columns = append(columns, wanted(f, t, requests, name))
	}
	for row := range t.Query("SELECT id, session_id, model_id, input_tokens, output_tokens, " + strings.Join(columns, ", ") + " FROM " + requests) {
		n := zcodeCounts{grokCounts: grokCounts{fourCounts{row.Count(3), row.Count(4), row.Count(5), row.Count(6)}, row.Count(7)}, total: row.Count(10)}
		session := row.Text(1)
		e := Entry{Record: usage.Record{ID: row.Text(0), Model: strings.TrimSpace(row.Text(2)), Session: session, Project: folders[session], Time: row.When(8)}, Marks: Final}
		if e.Time.IsZero() {
			e.Time = row.When(9)
		}
		c.zcodeEntry(e, n)
	}
	return c.part
}

// zcodeCounts are the counters of one request, and their sum.
type zcodeCounts struct {
	grokCounts
	total int64
}

// tokens takes the cached tokens out of the input, unless the total says that they are beside it.
func (n zcodeCounts) tokens() usage.Tokens {
	switch {
	case n.fourCounts == (fourCounts{}):
		return usage.Tokens{Input: n.total}
	case n.read+n.write > 0 && n.total == n.input+n.output+n.read+n.write:
		t := n.fourCounts.tokens()
		t.Reasoning = min(n.reasoning, t.Output)
		return t
	}
	return n.grokCounts.tokens()
}

func (c *collector) zcodeEntry(e Entry, n zcodeCounts) {
	e.Tokens = n.tokens()
	if n.fourCounts == (fourCounts{}) {
		e.Marks |= Coarse
	}
	if c.believes(append(n.all(), n.reasoning, e.Tokens.Input)...) && c.named(e.Model, e.Tokens) {
		c.add(e)
	}
}

// settleZCode leaves out what transcripts say of sessions that are in the database.
func settleZCode(parts []Part) []Entry {
	told := make(map[string]bool)
	for _, p := range parts {
		for _, e := range p.Entries {
			told[e.Session] = told[e.Session] || e.Marks.Has(Final)
		}
	}
	return slices.DeleteFunc(Distinct(parts), func(e Entry) bool { return told[e.Session] && !e.Marks.Has(Final) })
}
