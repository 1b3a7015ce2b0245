package pricing

import "tokenflex.ing/internal/usage"

// Bands brings the cells' bands down to those that count: the common ones, and those that the cell's model has ever had a price
// from. Cells keep the finest band, for they do not know prices; days are made of what this leaves, so that a row is not split
// where no price is.
func (t *Table) Bands(cells []usage.Cell) {
	steps := make(map[string]map[usage.Band]bool)
	for i := range cells {
		c := &cells[i]
		if c.Band == c.Band.Common() {
			continue
		}
		own, seen := steps[c.Model]
		if !seen {
			own = t.find(c.Model).steps()
			steps[c.Model] = own
		}
		if !own[c.Band] {
			c.Band = nearest(c.Band, own)
		}
	}
}

// nearest is the largest band not above b that is a common one or among those of its own.
func nearest(b usage.Band, own map[usage.Band]bool) usage.Band {
	best := b.Common()
	for step := range own {
		if step <= b {
			best = max(best, step)
		}
	}
	return best
}

// steps are the bands that a price of the models begins at.
func (f *found) steps() map[usage.Band]bool {
	steps := make(map[usage.Band]bool)
	if !f.known() {
		return steps
	}
	for _, m := range f.all() {
		for _, p := range m.prices() {
			for _, r := range p.rates {
				steps[r.Band] = true
			}
		}
	}
	return steps
}
