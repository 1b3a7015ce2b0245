package source

import (
	"path"
	"time"

	"tokenflex.ing/internal/usage"
)

// IBM Bob: Cline's folder for every task, in an editor of its own. A request that names its protocol is told as Roo Code
// tells it, any other as Cline does.
var ibmBob = Source{
	ID:   "ibm-bob",
	Name: "IBM Bob",
	Places: []Place{{
		Roots: []string{"$APPCONFIG/IBM Bob/User/globalStorage/ibm.bob-code", "$APPCONFIG/Bob-IDE/User/globalStorage/ibm.bob-code"},
		Files: append([]string{"tasks/*/task_metadata.json"}, rooFiles...),
	}},
	Read:     readIBMBob,
	Settle:   settleTasks,
	Quality:  "exact",
	Revision: 1,
}

func readIBMBob(f File) Part {
	switch path.Base(f.Path()) {
	case "ui_messages.json":
		return readTask(f, func(r taskRequest) usage.Tokens {
			if r.protocol != "" {
				return rooTokens(r, time.Date(2025, 11, 1, 0, 0, 0, 0, time.UTC))
			}
			return clineTokens(r)
		})
	case "task_metadata.json":
		return readTaskModels(f)
	}
	return readRoo(time.Time{})(f)
}
