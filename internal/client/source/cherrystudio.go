package source

// Cherry Studio, whose agents are Claude Code with a folder of its own for transcripts. A session that was begun in Claude Code is in
// that folder again.
var cherryStudio = Source{
	ID:   "cherry-studio",
	Name: "Cherry Studio",
	Places: []Place{{
		Roots: []string{"$APPCONFIG/CherryStudio/.claude", "$APPCONFIG/CherryStudio/Data/Agents/.claude"},
		Files: []string{"projects/**/*.jsonl"},
	}},
	Read:     readClaudeCode,
	Resume:   resumeClaudeCode,
	Retold:   true,
	Settle:   settleClaudeCode,
	Joins:    ByID,
	Own:      true,
	Beside:   "claude-code",
	Quality:  "exact",
	Revision: 1,
}
