package source

// Oh My Pi, a descendant of Pi that keeps its files: a line with the title may come before the header, and every subagent
// has a session of its own below its parent's folder. The counters may tell the reasoning that is inside the output.
var omp = Source{
	ID:   "omp",
	Name: "Oh My Pi",
	Places: []Place{{
		Env:   []Env{{Name: "PI_CONFIG_DIR", Home: true, Below: "agent/sessions"}},
		Roots: []string{"~/.omp/agent/sessions"},
		Files: []string{"**/*.jsonl"},
	}},
	Read:     readPi,
	Own:      true,
	Resume:   resumePi,
	Quality:  "exact",
	Revision: 1,
}
