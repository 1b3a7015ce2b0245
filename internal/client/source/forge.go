package source

import (
	"fmt"
	"strconv"
	"strings"

	"tokenflex.ing/internal/usage"
)

// Forge, as versions 0.90 to 2.0 write it: a database with a document for every conversation. A counter says whether the provider
// told it or the tool estimated it, and estimates are not counted. The prompt has the cached tokens inside. Messages
// have no times, so that a conversation lies on the day it was last used. A conversation that is compacted loses messages and
// moves the others up, so that a message is told by its counters and not by its place.
var forge = Source{
	ID:   "forge",
	Name: "Forge",
	Places: []Place{{
		Roots: []string{"~/.forge", "~/forge"},
		Files: []string{".forge.db"},
	}},
	Read:     readForge,
	Quality:  "exact",
	Revision: 2,
}

// forgeMessages asks for the counters of every message, without what it says. A workspace's ID does not fit a number of JSON.
const forgeMessages = `
SELECT c.conversation_id, CAST(c.workspace AS TEXT), c.at,
	coalesce(json_extract(m.value, '$.message.text.role'), json_extract(m.value, '$.message.Text.role')),
	coalesce(json_extract(m.value, '$.message.text.model'), json_extract(m.value, '$.message.Text.model')),
	coalesce(json_extract(m.value, '$.usage.prompt_tokens.actual'), json_extract(m.value, '$.usage.prompt_tokens.Actual')),
	coalesce(json_extract(m.value, '$.usage.cached_tokens.actual'), json_extract(m.value, '$.usage.cached_tokens.Actual')),
	coalesce(json_extract(m.value, '$.usage.completion_tokens.actual'), json_extract(m.value, '$.usage.completion_tokens.Actual')),
	coalesce(json_extract(m.value, '$.usage.total_tokens.actual'), json_extract(m.value, '$.usage.total_tokens.Actual'))
FROM (
	SELECT conversation_id, %s AS workspace, coalesce(%s, %s) AS at, CASE WHEN json_valid(context) THEN context END AS context
	FROM conversations
) AS c, json_each(c.context, '$.messages') AS m
WHERE m.type = 'object'`

func readForge(f File) Part {
	t, c := f.Tables(), collect(f)
	if !t.Has("conversations", "conversation_id", "context") {
		f.Fault(Unfamiliar)
		return Part{}
	}
	told := make(map[string]int)
	column := func(name string) string { return wanted(f, t, "conversations", name) }
	for row := range t.Query(fmt.Sprintf(forgeMessages, columnOr(t, "conversations", "workspace_id", "NULL"), column("updated_at"), column("created_at"))) {
		input, cached, output := row.Count(5), row.Count(6), row.Count(7)
		if !strings.EqualFold(row.Text(3), "assistant") || !c.believes(input, cached, output) {
			continue
		}
		session := row.Text(0)
		e := Entry{Record: usage.Record{Session: session, Project: row.Text(1),
			Model: strings.TrimSpace(row.Text(4)), Time: row.When(2), Tokens: apart(input, cached, 0)}}
		e.Tokens.Output = output
		if total := row.Count(8); e.Tokens.IsZero() && c.believes(total) {
			e.Tokens.Input, e.Marks = total, Coarse
		}
		if c.named(e.Model, e.Tokens) {
			e.ID = ledgerID(session, usage.Record{Model: e.Model, Tokens: e.Tokens}, 0)
			told[e.ID]++
			e.ID += strconv.Itoa(told[e.ID])
			c.add(e)
		}
	}
	return c.end("", "")
}
