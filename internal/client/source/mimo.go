package source

// MiMo Code is OpenCode under another name. It has had the reasoning beside the output from the first.
var mimo = Source{
	ID:   "mimo",
	Name: "MiMo Code",
	Places: []Place{{
		Roots: []string{"$XDG_DATA_HOME/mimocode"},
		Files: []string{"*.db"},
	}},
	Read:     func(f File) Part { return readOpenCodeTables(f, true) },
	Settle:   settleOpenCode,
	Quality:  "exact",
	Revision: 2,
}
