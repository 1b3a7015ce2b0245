package source

// Gajae Code, a descendant of Pi that keeps its files.
var gajae = Source{
	ID:   "gajae",
	Name: "Gajae Code",
	Places: []Place{{
		Env:   []Env{{Name: "GJC_CODING_AGENT_DIR", Below: "sessions"}},
		Roots: []string{"~/.gjc/agent/sessions"},
		Files: []string{"**/*.jsonl"},
	}},
	Read:     readPi,
	Own:      true,
	Resume:   resumePi,
	Quality:  "exact",
	Revision: 1,
}
