package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// How much garbage there may be before it is collected, in percent of what is in use. A crowd of clients is to fit beside other programs of a
// small machine; of little that is in use the same share would have it collected many times a second.
const (
	garbage     = 30
	garbageMost = 100
	garbageRoom = 16 << 20 // bytes up to which it may come to more than the smaller share
)

// holdGarbage follows what is in use, each time that garbage was collected, until ctx ends.
func holdGarbage(ctx context.Context) {
	set := garbagePercent(0)
	debug.SetGCPercent(set)
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	afterEach(func() bool {
		if metrics.Read(live); live[0].Value.Kind() == metrics.KindUint64 {
			if p := garbagePercent(live[0].Value.Uint64()); p > set+set/8 || p < set-set/8 { // each change stops everything for a moment
				debug.SetGCPercent(p)
				set = p
			}
		}
		return ctx.Err() == nil
	})
}

// afterEach calls do after each collection for as long as it returns true: by what is collected itself.
func afterEach(do func() bool) {
	runtime.SetFinalizer(&struct{ itself *int }{new(int)}, func(*struct{ itself *int }) {
		if do() {
			afterEach(do)
		}
	})
}

func garbagePercent(live uint64) int {
	return min(garbageMost, max(garbage, int(100*garbageRoom/max(live, 1))))
}
