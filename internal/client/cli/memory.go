package cli

import "runtime/debug"

// holdMemory lets garbage grow to half of what is in use before it is collected, where the default is as much again: a first
// scan of a large home then takes a third less memory and no more time that could be measured. A GOGC of the user's prevails.
func holdMemory(getenv func(string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}
