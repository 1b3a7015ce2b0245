package source

import (
	"path"
	"strings"

	"tokenflex.ing/internal/usage"
)

// GitHub Copilot. Its CLI, since 1.0, keeps a row for every request in a database, and a journal for every session that
// tells the output of every message and, when a session ends, what its process used of every model. Both it and the
// extension of VS Code export spans if they are asked to, the extension into a database of its own; VS Code keeps every
// chat, with the prompt and the output of every request.
var copilot = Source{
	ID:   "copilot",
	Name: "GitHub Copilot",
	Places: []Place{
		{
			Env:   []Env{{Name: "COPILOT_HOME"}},
			Roots: []string{"~/.copilot"},
			Files: []string{"session-store.db", "session-state/*/events.jsonl", "session-state/*.jsonl", "history-session-state/**/*.jsonl", "otel/**/*.jsonl"},
		},
		{
			Env:   []Env{{Name: "COPILOT_OTEL_FILE_EXPORTER_PATH"}},
			Files: []string{"**/*.jsonl"},
		},
		{
			Shared: true,
			Roots:  editorFolders("User"),
			Files: []string{
				"globalStorage/github.copilot-chat/agent-traces.db",
				"workspaceStorage/*/chatSessions/*.json", "workspaceStorage/*/chatSessions/*.jsonl",
				"globalStorage/emptyWindowChatSessions/*.json", "globalStorage/emptyWindowChatSessions/*.jsonl",
			},
		},
	},
	Read:    readCopilot,
	Settle:  settleCopilot,
	Quality: "exact",
	Retention: Retention{
		Trimmed: "VS Code deletes the traces of Copilot Chat after 7 days, and has no setting for that",
		Within:  "agent-traces.db",
	},
	Revision: 1,
	Server:   Server{Aliases: []string{"copilot-cli"}, Volume: "middle"},
}

// What an entry of Copilot's was told by begins its ID. Of these the first that speaks of a session's model is the one that
// counts for it; a chat of VS Code is told by itself alone.
const (
	copilotRow     = "row:"
	copilotSpan    = "span:"
	copilotEnd     = "end:"
	copilotMessage = "message:"
	copilotRequest = "request:"
)

// copilotUnknown is the model of requests whose row names none.
const copilotUnknown = "unknown"

func readCopilot(f File) Part {
	name := f.Path()
	switch folder := path.Base(path.Dir(name)); {
	case path.Base(name) == "session-store.db":
		return readCopilotStore(f)
	case path.Ext(name) == ".db":
		return readCopilotTraces(f)
	case folder == "chatSessions" || folder == "emptyWindowChatSessions":
		return readCopilotChat(f)
	case strings.HasPrefix(name, "session-state/") || strings.HasPrefix(name, "history-session-state/"):
		return readCopilotJournal(f)
	}
	return readCopilotExport(f)
}

// copilotTokens are counters whose input has the cached tokens in it, both read and written.
type copilotTokens struct{ input, output, read, write, reasoning int64 }

func (t copilotTokens) sound() bool {
	return max(t.input, t.output, t.read, t.write, t.reasoning) <= MaxCount
}

// tokens returns the counters as disjoint kinds.
func (t copilotTokens) tokens() usage.Tokens {
	tokens := apart(t.input, t.read, t.write)
	tokens.Output, tokens.Reasoning = t.output, min(t.reasoning, t.output)
	return tokens
}
