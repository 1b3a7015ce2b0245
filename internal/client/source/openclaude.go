package source

// OpenClaude, which is Claude Code for the models of others and writes the same transcripts. Its recordings for replay, beside
// them, are not read.
var openClaude = Source{
	ID:   "openclaude",
	Name: "OpenClaude",
	Places: []Place{{
		Roots: []string{"~/.openclaude"},
		Files: []string{"projects/**/*.jsonl"},
	}},
	Read:     readClaudeCode,
	Resume:   resumeClaudeCode,
	Retold:   true,
	Settle:   settleClaudeCode,
	Joins:    ByID,
	Own:      true,
	Quality:  "exact",
	Revision: 1,
}
