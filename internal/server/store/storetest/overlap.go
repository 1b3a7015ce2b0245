package storetest

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// overlapping is what three devices of one account have, response by response, and what was released.
type overlapping struct {
	t        *testing.T
	s        store.Store
	devices  []store.Actor
	names    map[int64]string
	seq      map[int64]int64
	has      map[store.Place]map[int]bool
	released map[store.Place]bool
}

// testSketchesAddUp walks at random through uploads of days that three devices share in part, corrections, days that are taken back, and
// releases. After each step that waits which has half of its responses on a device that counts, and the account has the rest.
func testSketchesAddUp(t *testing.T, s store.Store) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	o := overlapping{t: t, s: s, names: make(map[int64]string), seq: make(map[int64]int64), has: make(map[store.Place]map[int]bool), released: make(map[store.Place]bool)}
	for i := range 3 {
		name := []string{"laptop", "phone", "desk"}[i]
		if i == 0 {
			o.devices = append(o.devices, enrol(t, s, "mira"))
		} else {
			o.devices = append(o.devices, pair(t, s, o.devices[0].User, "mira", name))
		}
		o.names[o.devices[i].Device] = name
	}
	for range 40 {
		if r.IntN(6) == 0 {
			o.release()
		} else {
			o.send(o.devices[r.IntN(3)], r)
		}
		o.check()
		if t.Failed() {
			return
		}
	}
}

// send brings one or two days of a device to another state.
func (o *overlapping) send(who store.Actor, r *rand.Rand) {
	o.seq[who.Device]++
	up := printed(o.seq[who.Device])
	up.Replace, up.Sketches = true, make(map[store.Cell]store.Sketch)
	for _, date := range []string{"2026-11-18", "2026-11-19", "2026-11-20"}[r.IntN(3):] {
		place := store.Place{Device: who.Device, Cell: store.Cell{Day: date, Source: "codex"}}
		if len(up.Days)+len(up.Gone) == 2 {
			break
		}
		if delete(o.has, place); r.IntN(6) == 0 {
			up.Gone = append(up.Gone, place.Cell)
			continue
		}
		responses, names := make(map[int]bool), []string{}
		from := r.IntN(40)
		for i := from; i < from+1+r.IntN(20); i++ {
			responses[i] = true
			names = append(names, fmt.Sprint(i))
		}
		o.has[place] = responses
		up.Days = append(up.Days, o.row(place))
		up.Sketches[place.Cell] = SketchOf(names...)
	}
	put(o.t, o.s, who, up)
}

// row is a day of as many tokens as there are responses, and a few by which no two devices have the same.
func (o *overlapping) row(p store.Place) usage.Day {
	return day(p.Day, p.Source, "gpt-5", 100*int64(len(o.has[p])), p.Device)
}

func (o *overlapping) release() {
	for place := range o.copies() {
		if !o.released[place] {
			if err := o.s.ReleaseHold(o.t.Context(), o.devices[0].User, place.Day, place.Source, Noon); err != nil {
				o.t.Fatal(err)
			}
			for other := range o.copies() { // all that wait of that day
				o.released[other] = o.released[other] || other.Cell == place.Cell
			}
			return
		}
	}
}

// copies are the places that have half of their responses on a device that counts, with the words for it.
func (o *overlapping) copies() map[store.Place]store.Hold {
	copies := make(map[store.Place]store.Hold)
	counts := make(map[store.Cell][]store.Place)
	for _, p := range slices.SortedFunc(maps.Keys(o.has), func(a, b store.Place) int {
		return cmp.Or(cmp.Compare(o.row(b).Tokens.Total(), o.row(a).Tokens.Total()), cmp.Compare(a.Device, b.Device))
	}) {
		best := store.Hold{Day: p.Day, Source: p.Source, Device: o.names[p.Device]}
		for _, q := range counts[p.Cell] {
			both := 0
			for i := range o.has[p] {
				if o.has[q][i] {
					both++
				}
			}
			if share := 100 * both / len(o.has[p]); share >= 50 && share > best.Share {
				best.Original, best.Share = o.names[q.Device], share
			}
		}
		if best.Share > 0 {
			copies[p] = best
		} else {
			counts[p.Cell] = append(counts[p.Cell], p)
		}
	}
	return copies
}

func (o *overlapping) check() {
	o.t.Helper()
	copies := o.copies()
	for p := range o.released { // nobody remembers what is no copy any more
		if _, still := copies[p]; !still {
			delete(o.released, p)
		}
	}
	var want []store.Hold
	var counting []usage.Day
	for p := range o.has {
		if h, waits := copies[p]; waits && !o.released[p] {
			h.Reason = store.ReasonCopy
			want = append(want, h)
		} else {
			counting = append(counting, o.row(p))
		}
	}
	got := must[[]store.Hold](o.t)(o.s.HoldsOf(o.t.Context(), o.devices[0]))
	for i := range got {
		got[i].Value, got[i].Tokens = 0, 0
	}
	for _, holds := range [][]store.Hold{want, got} {
		slices.SortFunc(holds, func(a, b store.Hold) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Device, b.Device)) })
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		o.t.Errorf("what waits (-want +got):\n%s", diff)
	}
	wantTotal(o.t, o.s, o.devices[0], counting...)
}
