package source

import (
	"path"
	"strings"
)

// Cline. Up to version 4.0.1 the extension keeps a folder for every task, whose ui_messages.json is rewritten whole; since
// 4.1 it and the command line (3.x) keep sessions with the counters beside each message. Where both tell a task, one counts.
var cline = Source{
	ID:   "cline",
	Name: "Cline",
	Places: []Place{
		{
			Roots: extension("saoudrizwan.claude-dev"),
			Files: clineFiles,
		},
		{
			Env:   []Env{{Name: "CLINE_DATA_DIR"}, {Name: "CLINE_DIR", Below: "data"}},
			Roots: []string{"~/.cline/data"},
			Files: clineFiles,
		},
		{
			Env:   []Env{{Name: "CLINE_SESSION_DATA_DIR"}},
			Files: []string{"*/*.json"},
		},
	},
	Read:     readCline,
	Settle:   settleTasks,
	Quality:  "exact",
	Revision: 1,
	Server:   Server{Volume: "middle", Hue: 5},
}

var clineFiles = []string{
	"tasks/*/ui_messages.json", "tasks/*/task_metadata.json", "tasks/*/api_conversation_history.json",
	"state/taskHistory.json", "sessions/*/*.json",
}

func readCline(f File) Part {
	switch name := path.Base(f.Path()); {
	case name == "ui_messages.json":
		return readTask(f, clineTokens)
	case name == "task_metadata.json":
		return readTaskModels(f)
	case name == "api_conversation_history.json":
		return readTaskPrompts(f)
	case name == "taskHistory.json":
		return readTaskHistory(f)
	case strings.HasSuffix(name, ".messages.json"):
		return readClineMessages(f)
	case strings.TrimSuffix(name, ".json") == path.Base(path.Dir(f.Path())):
		return readClineSession(f)
	}
	return Part{}
}
