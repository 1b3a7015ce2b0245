package source

// CC-Mirror, which runs Claude Code with the models of others: every variant has settings and transcripts of its own.
var ccMirror = Source{
	ID:   "cc-mirror",
	Name: "CC-Mirror",
	Places: []Place{{
		Roots: []string{"~/.cc-mirror"},
		Files: []string{"*/config/projects/**/*.jsonl", "*/projects/**/*.jsonl"},
	}},
	Read:     readClaudeCode,
	Settle:   settleClaudeCode,
	Joins:    ByID,
	Quality:  "exact",
	Revision: 1,
}
