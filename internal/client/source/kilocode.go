package source

import (
	"slices"
	"strings"
	"time"
)

// Kilo Code. Up to version 5 its extension, and its first command line, leave Roo Code's files; since version 4.119.0 the
// input in them has the cached tokens inside. A request whose provider told no counters says usageMissing. The later
// command line and extension are OpenCode, with databases of another name.
var kiloCode = Source{
	ID:   "kilo-code",
	Name: "Kilo Code",
	Places: []Place{
		{Roots: extension("kilocode.kilo-code"), Files: rooFiles},
		{Roots: []string{"~/.kilocode/cli/global"}, Files: rooFiles},
		{Env: []Env{{Name: "KILO_DATA_DIR"}}, Roots: []string{"$XDG_DATA_HOME/kilo"}, Files: openCodeFiles("kilo")},
	},
	Settings: editorSetting("kilo-code.customStoragePath"),
	Read:     readKiloCode,
	Settle:   settleKiloCode,
	Quality:  "exact",
	Revision: 2,
}

// kiloInside is when the input came to have the cached tokens inside.
var kiloInside = time.Date(2025, 11, 12, 0, 0, 0, 0, time.UTC)

func readKiloCode(f File) Part {
	if strings.HasPrefix(f.Path(), "tasks/") {
		return readRoo(kiloInside)(f)
	}
	return readOpenCode(f)
}

// settleKiloCode settles the tasks of the extension, which are sessions of their own, apart from the rest.
func settleKiloCode(parts []Part) []Entry {
	task := func(p Part) bool { return p.Session != "" }
	tasks := slices.DeleteFunc(slices.Clone(parts), func(p Part) bool { return !task(p) })
	return append(settleTasks(tasks), settleOpenCode(slices.DeleteFunc(slices.Clone(parts), task))...)
}
