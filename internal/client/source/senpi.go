package source

// Senpi, a descendant of Pi that keeps its files. Tasks that it gives away leave their sessions below ~/.omo.
var senpi = Source{
	ID:   "senpi",
	Name: "Senpi",
	Places: []Place{
		{
			Env:   []Env{{Name: "SENPI_CODING_AGENT_DIR", Below: "sessions"}, {Name: "SENPI_CODING_AGENT_SESSION_DIR"}},
			Roots: []string{"~/.senpi/agent/sessions"},
			Files: []string{"**/*.jsonl"},
		},
		{
			Roots: []string{"~/.omo/senpi-task/children"},
			Files: []string{"**/*.jsonl"},
		},
	},
	Read:     readPi,
	Own:      true,
	Resume:   resumePi,
	Quality:  "exact",
	Revision: 1,
}
