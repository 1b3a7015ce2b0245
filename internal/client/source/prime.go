package source

// Prime Agent, a descendant of Pi that keeps its files, and those of the agents it starts beside them. What a parent says its
// children used is told by the children too, and not read.
var prime = Source{
	ID:   "prime",
	Name: "Prime Agent",
	Places: []Place{
		{
			Env:   []Env{{Name: "PRIME_AGENT_CODING_AGENT_DIR"}},
			Roots: []string{"~/.prime/agent"},
			Files: []string{"sessions/**/*.jsonl", "session-artifacts/**/*.jsonl"},
		},
		{
			Env:   []Env{{Name: "PRIME_AGENT_SESSION_DIR"}},
			Files: []string{"**/*.jsonl"},
		},
	},
	Read:     readPi,
	Own:      true,
	Resume:   resumePi,
	Quality:  "exact",
	Revision: 1,
}
