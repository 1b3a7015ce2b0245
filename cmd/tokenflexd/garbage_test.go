package main

import "testing"

// A small heap is left room for garbage, and of a large one there is no more than its share. Fails where one holds for both.
func TestGarbageFollowsWhatIsInUse(t *testing.T) {
	for _, tt := range []struct {
		live uint64
		room int64 // MiB
	}{
		{8 << 20, 32}, {16 << 20, 32}, {40 << 20, 32}, {100 << 20, 60}, {1 << 30, 614},
	} {
		if room := int64(tt.live) * int64(garbagePercent(tt.live)) / 100 >> 20; room < tt.room-1 || room > tt.room {
			t.Errorf("%d MiB in use leave room for %d, not %d", tt.live>>20, room, tt.room)
		}
	}
}
