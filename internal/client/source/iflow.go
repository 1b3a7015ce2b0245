package source

// iFlow CLI: transcripts in the form of Claude Code's, but with two counters only, and often with zeros in them. The input most
// likely has the cached tokens inside. The folder that a session worked in is told by the user's lines alone.
var iflow = Source{
	ID:   "iflow",
	Name: "iFlow CLI",
	Places: []Place{{
		Env:   []Env{{Name: "IFLOW_DIR"}},
		Roots: []string{"~/.iflow"},
		Files: []string{"projects/*/session-*.jsonl"},
	}},
	Read:     readClaudeCode,
	Resume:   resumeClaudeCode,
	Retold:   true,
	Settle:   settleClaudeCode,
	Joins:    ByID,
	Quality:  "coarse",
	Revision: 1,
}
