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
	// untouched is how much may be taken for what is in use and garbage before that is looked for, in bytes: a report of what is remembered
	// ends before. A first scan keeps little of it, and takes it anew several times. It is no limit of memory, near which the
	// runtime gives back to the system what it takes again at once.
	untouched = 56 << 20
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
	debug.SetGCPercent(untouched / leastHeap * 100)
	debug.SetMemoryLimit(memory)
	onceCollected(func() {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		inUse := max(1, int(live[0].Value.Uint64()))
		debug.SetGCPercent(max(garbage, (untouched-inUse)*100/inUse))
	})
}

// leastHeap is what the runtime goes by where next to nothing is in use, in bytes.
const leastHeap = 4 << 20

// onceCollected calls do after each collection of garbage.
func onceCollected(do func()) {
	runtime.AddCleanup(new(*int), func(struct{}) {
		do()
		onceCollected(do)
	}, struct{}{})
}
