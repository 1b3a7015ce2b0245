package source

import (
	"path"
	"time"

	"tokenflex.ing/internal/usage"
)

// Roo Code: Cline's folder for every task. Since version 3.29.5 the input of every request has the cached tokens inside;
// before, it had them only where the provider speaks OpenAI's protocol. The model is told in the prompt alone.
var rooCode = Source{
	ID:   "roo-code",
	Name: "Roo Code",
	Places: []Place{
		{Roots: extension("rooveterinaryinc.roo-cline"), Files: rooFiles},
		{Roots: []string{"~/.vscode-mock/global-storage"}, Files: rooFiles},
	},
	Settings: editorSetting("roo-cline.customStoragePath"),
	Read:     readRoo(time.Date(2025, 11, 1, 0, 0, 0, 0, time.UTC)),
	Settle:   settleTasks,
	Quality:  "exact",
	Revision: 1,
	Server:   Server{Aliases: []string{"roo"}, Volume: "middle"},
}

var rooFiles = []string{"tasks/*/ui_messages.json", "tasks/*/api_conversation_history.json", "tasks/*/history_item.json"}

// readRoo reads Roo Code's files, or those of a descendant whose input has the cached tokens inside since that time.
func readRoo(since time.Time) func(File) Part {
	return func(f File) Part {
		switch path.Base(f.Path()) {
		case "ui_messages.json":
			return readTask(f, func(r taskRequest) usage.Tokens { return rooTokens(r, since) })
		case "api_conversation_history.json":
			return readTaskPrompts(f)
		case "history_item.json":
			return readTaskFolder(f)
		}
		return Part{}
	}
}

func rooTokens(r taskRequest, since time.Time) usage.Tokens {
	if r.protocol == "anthropic" && !r.at.IsZero() && r.at.Before(since) {
		return r.beside()
	}
	return r.inside()
}
