package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// How much garbage there may be before it is collected, in percent of what is in use. A crowd of clients is to fit beside other programs of a
// small machine; of little that is in use the same share would have it collected many times a second.
const (
	garbage     = 60
	garbageMost = 150
	garbageRoom = 32 << 20 // bytes up to which it may come to more than the smaller share
)

// holdGarbage follows what is in use, until ctx ends.
func holdGarbage(ctx context.Context) {
	set := garbagePercent(0)
	debug.SetGCPercent(set)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if metrics.Read(live); live[0].Value.Kind() != metrics.KindUint64 {
			continue
		}
		if p := garbagePercent(live[0].Value.Uint64()); p > set+set/8 || p < set-set/8 { // each change stops everything for a moment
			debug.SetGCPercent(p)
			set = p
		}
	}
}

func garbagePercent(live uint64) int {
	return min(garbageMost, max(garbage, int(100*garbageRoom/max(live, 1))))
}
