package cli

import (
	"runtime"
	"runtime/debug"
)

const (
	// memory is what the client tries to stay within, in bytes: it reads files of any size beside other programs, and has little to
	// keep. It is no bound, for one line of a tool can be larger. With the program itself it comes to less than 128 MiB; a first scan of
	// a large home held to half of it spends a quarter of its time on looking for garbage.
	memory = 96 << 20
	// untouched is how much memory may be taken before garbage is looked for at all, in bytes: a report of what is remembered ends
	// before it has taken that much.
	untouched = 56 << 20
	// garbage is how much of it may come to what is in use then, in percent.
	garbage = 100
)

// holdMemory says when garbage is to be collected. What the user says with GOGC or GOMEMLIMIT prevails.
func holdMemory(getenv func(string) string) {
	if getenv("GOMEMLIMIT") != "" {
		if getenv("GOGC") == "" {
			debug.SetGCPercent(garbage)
		}
		return
	}
	if getenv("GOGC") != "" {
		debug.SetMemoryLimit(memory)
		return
	}
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(untouched)
	runtime.AddCleanup(new(*int), func(struct{}) { // after the first collection
		debug.SetGCPercent(garbage)
		debug.SetMemoryLimit(memory)
	}, struct{}{})
}
