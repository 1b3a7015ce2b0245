package cli

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// memory is what the client tries to stay within, in bytes: it reads files of any size beside other programs, and has little to
	// keep. It is no bound, for one line of a tool can be larger. With the program itself it comes to less than 128 MiB; a first scan of
	// a large home held to half of it spends a quarter of its time on looking for garbage.
	memory = 96 << 20
	// untouched is how much memory may be taken before garbage is looked for at all, in bytes: a report of what is remembered ends
	// before it has taken that much. A first scan keeps little of it, and takes it anew several times.
	untouched = 72 << 20
	// little is how much may be in use for garbage to be left until that much is taken again, in bytes.
	little = untouched / 2
	// garbage is how much of it may come to what is in use once that is more, in percent.
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
	onceCollected(func() bool {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		if live[0].Value.Uint64() <= little {
			return true
		}
		debug.SetGCPercent(garbage)
		debug.SetMemoryLimit(memory)
		return false
	})
}

// onceCollected calls do after each collection of garbage, as long as it wants to be.
func onceCollected(do func() bool) {
	runtime.AddCleanup(new(*int), func(struct{}) {
		if do() {
			onceCollected(do)
		}
	}, struct{}{})
}
