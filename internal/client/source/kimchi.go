package source

// Kimchi, a descendant of Pi that keeps its files.
var kimchi = Source{
	ID:   "kimchi",
	Name: "Kimchi",
	Places: []Place{{
		Env:   []Env{{Name: "KIMCHI_CODING_AGENT_DIR", Below: "sessions"}},
		Roots: []string{"~/.config/kimchi/harness/sessions"},
		Files: []string{"**/*.jsonl"},
	}},
	Read:     readPi,
	Own:      true,
	Resume:   resumePi,
	Quality:  "exact",
	Revision: 1,
}
