package source

import "time"

// Kilo Code's extension up to version 5, and its first command line: Roo Code's files. Since version 4.119.0 the input has
// the cached tokens inside; before, as in Roo Code. A request whose provider told no counters says usageMissing.
var kiloCode = Source{
	ID:   "kilo-code",
	Name: "Kilo Code",
	Places: []Place{
		{Roots: extension("kilocode.kilo-code"), Files: rooFiles},
		{Roots: []string{"~/.kilocode/cli/global"}, Files: rooFiles},
	},
	Read:     readRoo(time.Date(2025, 11, 12, 0, 0, 0, 0, time.UTC)),
	Settle:   settleTasks,
	Quality:  "exact",
	Revision: 1,
}
