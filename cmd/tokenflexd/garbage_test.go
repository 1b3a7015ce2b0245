package main

import (
	"runtime"
	"testing"
)

// Of a small heap there may be more garbage than of a large one. Fails where one share holds for both.
func TestGarbageFollowsWhatIsInUse(t *testing.T) {
	for _, tt := range []struct {
		live uint64
		room int64 // MiB
	}{
		{0, 0}, {8 << 20, 8}, {16 << 20, 16}, {30 << 20, 16}, {50 << 20, 16}, {100 << 20, 30}, {1 << 30, 307},
	} {
		if room := int64(tt.live) * int64(garbagePercent(tt.live)) / 100 >> 20; room < tt.room-1 || room > tt.room {
			t.Errorf("%d MiB in use leave room for %d, not %d", tt.live>>20, room, tt.room)
		}
	}
}

// What follows a collection is done after each, until it has enough. Fails where it is done once.
func TestSomethingIsDoneAfterEachCollection(t *testing.T) {
	done := make(chan int)
	n := 0
	afterEach(func() bool {
		n++
		done <- n
		return n < 3
	})
	for want := range 3 {
		got := 0
		for got == 0 { // the next may be collected before it is waited for
			runtime.GC()
			select {
			case got = <-done:
			default:
				runtime.Gosched()
			}
		}
		if got != want+1 {
			t.Errorf("%d times after %d collections", got, want+1)
		}
	}
}
