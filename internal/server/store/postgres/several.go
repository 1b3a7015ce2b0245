package postgres

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// ofDevice is how many numbers account_sums has of a device.
const ofDevice = 12

// figuresOf are what account_sums has of each device.
func figuresOf(v []int64) map[int64]store.Figures {
	all := make(map[int64]store.Figures)
	for ; len(v) >= ofDevice; v = v[ofDevice:] {
		f := store.Figures{Requests: v[1], Cost: usage.Money(v[8]), Unpriced: v[9], ActiveDays: int(v[10])}
		f.Tokens = usage.Tokens{Input: v[2], CacheRead: v[3], CacheWrite5m: v[4], CacheWrite1h: v[5], Output: v[6], Reasoning: v[7]}
		f.First = fmt.Sprintf("%04d-%02d-%02d", v[11]/10000, v[11]/100%100, v[11]%100)
		all[v[0]] = f
	}
	return all
}

// deviceValues are the same numbers again, nil for an account with one device.
func (u *upload) deviceValues() []int64 {
	if u.alone {
		return nil
	}
	v := []int64{}
	for _, device := range slices.Sorted(maps.Keys(u.byDevice)) {
		f := u.byDevice[device]
		first, _ := strconv.ParseInt(strings.ReplaceAll(f.First, "-", ""), 10, 64) // a row's day is one
		t := f.Tokens
		v = append(v, device, f.Requests, t.Input, t.CacheRead, t.CacheWrite5m, t.CacheWrite1h, t.Output, t.Reasoning, int64(f.Cost), f.Unpriced, int64(f.ActiveDays), first)
	}
	return v
}

// ownSums brings what the device's rows add up to to what they are now, and returns it. No row went.
func (u *upload) ownSums() store.Figures {
	if u.alone {
		return store.Figures{}
	}
	moved, _ := store.Tally{Figures: u.byDevice[u.who.Device]}.Moved(u.own, u.sumRows(u.who.Device))
	now := moved.Figures
	if now.ActiveDays > 0 {
		u.byDevice[u.who.Device] = now
	}
	return now
}

// overlaps reports whether a sketch tells that devices of the account have the same responses. Of prints put_upload finds out: as nothing
// was a copy before, histories that prints tell are only longer if one is the same now.
func (u *upload) overlaps() bool {
	if u.alone || u.Print == nil {
		return false
	}
	all := slices.Clone(u.parts)
	for c := range u.cells {
		if sketch := u.Sketches[c]; len(sketch) > 0 {
			all = append(all, store.Sketched{Place: store.Place{Device: u.who.Device, Cell: c}, Sketch: sketch})
		}
	}
	return len(store.Overlap{Parts: all, Named: u.cells, Size: u.sizes()}.Copies()) > 0
}
