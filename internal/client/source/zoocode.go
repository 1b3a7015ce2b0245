package source

import "time"

// Zoo Code: Roo Code continued under another name, long after its input came to have the cached tokens inside.
var zooCode = Source{
	ID:       "zoo-code",
	Name:     "Zoo Code",
	Places:   []Place{{Roots: extension("zoocodeorganization.zoo-code"), Files: rooFiles}},
	Settings: editorSetting("zoo-code.customStoragePath"),
	Read:     readRoo(time.Date(2025, 11, 1, 0, 0, 0, 0, time.UTC)),
	Settle:   settleTasks,
	Quality:  "exact",
	Revision: 1,
}
