package source

import (
	"strings"

	"tokenflex.ing/internal/usage"
)

// Piebald: one database with a row for every message. It keeps the counters as the vendor gave them: the cached tokens are
// inside the input, except of Anthropic's models.
var piebald = Source{
	ID:   "piebald",
	Name: "Piebald",
	Places: []Place{{
		Roots: []string{"$XDG_DATA_HOME/piebald", "~/Library/Application Support/piebald", "$APPDATA/piebald"},
		Files: []string{"app.db"},
	}},
	Read:     readPiebald,
	Quality:  "exact",
	Revision: 1,
}

func readPiebald(f File) Part {
	c := collect(f)
	t := f.Tables()
	if !t.Has("messages", "id", "parent_chat_id", "model", "input_tokens", "output_tokens", "created_at") {
		f.Fault(Unfamiliar)
		return c.part
	}
	folders := make(map[string]string)
	if t.Has("chats", "id", "project_id") && t.Has("projects", "id", "directory") {
		for row := range t.Query("SELECT c.id, p.directory FROM chats c JOIN projects p ON p.id = c.project_id") {
			folders[row.Text(0)] = row.Text(1)
		}
	}
	var columns []string
	for _, name := range []string{"cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "role"} {
		columns = append(columns, wanted(f, t, "messages", name))
	}
	for row := range t.Query("SELECT id, parent_chat_id, model, created_at, input_tokens, output_tokens, " + strings.Join(columns, ", ") + " FROM messages") {
		if role := row.Text(9); role != "" && role != "assistant" {
			continue
		}
		model, chat := strings.TrimSpace(row.Text(2)), row.Text(1)
		input, output, read, write := row.Count(4), row.Count(5), row.Count(6), row.Count(7)
		tokens := apart(input, read, write)
		if strings.Contains(strings.ToLower(model), "claude") {
			tokens = usage.Tokens{Input: input, CacheRead: read, CacheWrite5m: write}
		}
		tokens.Output, tokens.Reasoning = output, min(row.Count(8), output)
		if c.believes(input, output, read, write) && c.named(model, tokens) {
			c.add(Entry{Record: usage.Record{ID: row.Text(0), Model: model, Session: chat, Project: folders[chat], Time: row.When(3), Tokens: tokens}})
		}
	}
	return c.part
}
