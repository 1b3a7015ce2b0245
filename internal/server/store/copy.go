package store

import (
	"cmp"
	"maps"
	"slices"
)

// ReasonCopy is why a device's part of a cell waits that another device of the account has too.
const ReasonCopy = "copy"

// Copy is a device's part of a cell that another device has too.
type Copy struct {
	Device, Original int64
	Cell
	Share    int  // percent of its responses that the original has, by sketches; 0: prints tell
	Released bool // it counts all the same
}

// Place is where a copy is.
type Place struct {
	Device int64
	Cell
}

// Place returns where the copy is.
func (c Copy) Place() Place { return Place{c.Device, c.Cell} }

// Twin is a cell of a device with the same print as that of another device of the account, which was made before it, where one of the
// two has no sketch.
type Twin struct {
	Device, Original int64
	Cell
}

// MinShared is how many days two histories must share before what only prints tell is taken for a copy.
const MinShared = 5

// Sketched is what a device has in a cell of which it sent a sketch.
type Sketched struct {
	Place
	Sketch Sketch
}

// Overlap is what is known of the histories of an account's devices once an upload is stored.
type Overlap struct {
	Twins []Twin
	Parts []Sketched
	Named map[Cell]bool   // by the upload; only of these the parts tell anything new
	Size  map[Place]int64 // of parts of the named cells, in tokens
	Known []Copy          // of before, the released ones too
}

// Copies returns the copies of the account. Of two parts of a cell with sketches these tell; of others the prints do, if the devices
// share MinShared days.
func (o Overlap) Copies() map[Place]Copy {
	copies := make(map[Place]Copy)
	released := make(map[Place]bool)
	for _, c := range o.Known {
		released[c.Place()] = c.Released
		if c.Share > 0 && !o.Named[c.Cell] {
			copies[c.Place()] = c
		}
	}
	parts := make(map[Cell][]Sketched)
	for _, p := range o.Parts {
		if o.Named[p.Cell] {
			parts[p.Cell] = append(parts[p.Cell], p)
		}
	}
	for _, of := range parts {
		for _, c := range o.overlapping(of) {
			copies[c.Place()] = c
		}
	}
	days := sharedDays(copies, o.Twins)
	for _, t := range o.Twins {
		c := Copy{Device: t.Device, Original: t.Original, Cell: t.Cell}
		first, known := copies[c.Place()]
		if len(days[pairOf(t.Device, t.Original)]) >= MinShared && (!known || first.Share == 0 && t.Original < first.Original) {
			copies[c.Place()] = c
		}
	}
	for place, c := range copies {
		c.Released = released[place]
		copies[place] = c
	}
	return copies
}

// overlapping returns which parts of one cell are copies. The largest counts, and then each that has not half of its responses from one
// that counts; between equals the device that was made first. What was released makes no other wait: releasing a cell changes nothing
// of its other parts.
func (o Overlap) overlapping(parts []Sketched) (copies []Copy) {
	slices.SortFunc(parts, func(a, b Sketched) int {
		return cmp.Or(cmp.Compare(o.Size[b.Place], o.Size[a.Place]), cmp.Compare(a.Device, b.Device))
	})
	var count []Sketched
	for _, p := range parts {
		c := Copy{Device: p.Device, Cell: p.Cell}
		for _, q := range count {
			if share := p.Sketch.ShareIn(q.Sketch); share >= copyShare && share > c.Share {
				c.Original, c.Share = q.Device, share
			}
		}
		if c.Share > 0 {
			copies = append(copies, c)
		} else {
			count = append(count, p)
		}
	}
	return copies
}

// copyShare is from what share on, in percent, a part is a copy.
const copyShare = 50

// pair is two devices, the first made first.
type pair struct{ first, second int64 }

func pairOf(a, b int64) pair { return pair{min(a, b), max(a, b)} }

// sharedDays are the days on which two devices have the same, by whatever tells it.
func sharedDays(copies map[Place]Copy, twins []Twin) map[pair]map[string]bool {
	days := make(map[pair]map[string]bool)
	for c := range maps.Values(copies) {
		twins = append(twins, Twin{c.Device, c.Original, c.Cell})
	}
	for _, t := range twins {
		p := pairOf(t.Device, t.Original)
		if days[p] == nil {
			days[p] = make(map[string]bool)
		}
		days[p][t.Day] = true
	}
	return days
}

// Changes tells the copies of an account from what was known: those to write, those to remove, and the days on which others count now.
func (o Overlap) Changes(copies map[Place]Copy) (put, gone []Copy, days []string) {
	left := maps.Clone(copies)
	for _, c := range o.Known {
		now, still := copies[c.Place()]
		switch {
		case !still:
			gone, days = append(gone, c), append(days, c.Day)
		case now != c: // all but where it is
			put = append(put, now)
		}
		delete(left, c.Place())
	}
	for _, c := range left {
		put, days = append(put, c), append(days, c.Day)
	}
	return put, gone, days
}
