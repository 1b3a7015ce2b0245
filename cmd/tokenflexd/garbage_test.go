package main

import "testing"

// Of a small heap there may be more garbage than of a large one. Fails where one share holds for both.
func TestGarbageFollowsWhatIsInUse(t *testing.T) {
	for _, tt := range []struct {
		live uint64
		room int64 // MiB
	}{
		{0, 0}, {8 << 20, 12}, {20 << 20, 30}, {40 << 20, 32}, {100 << 20, 60}, {1 << 30, 614},
	} {
		if room := int64(tt.live) * int64(garbagePercent(tt.live)) / 100 >> 20; room < tt.room-1 || room > tt.room {
			t.Errorf("%d MiB in use leave room for %d, not %d", tt.live>>20, room, tt.room)
		}
	}
}
