package page

import (
	"cmp"
	"slices"
	"time"

	"tokenflex.ing/internal/catalogue"
	"tokenflex.ing/internal/usage"
)

// split is usage of a year divided by tool or by model: an area over time with its legend and its table.
type split struct {
	ID, Title string
	Year      int
	Head      string // of the legend's first column
	Parts     []part // most tokens first, at most eight: the last holds all others then
	Area      area
	Months    []splitRow
	Total     int64
}

type part struct {
	Name   string
	Slot   int // of the colour, 1 to 8; 0 for all others
	Sum    Sum
	Share  string
	tokens []int64 // by step of the area's window, the oldest first
}

type splitRow struct {
	Name   string
	Tokens []int64 // in the order of Parts
	Total  int64
}

// Sources and models that a chart shows on their own; one more colour would not tell itself apart.
const maxParts = 7

// others names everything that has no colour of its own. unknown is the model of usage whose own name is not shared;
// it never has a colour.
const (
	others  = "all others"
	unknown = "other"
)

// sourceSlots keeps the colours of the best known tools the same on every page. Others take the first that is free.
var sourceSlots = func() map[string]int {
	slots := make(map[string]int)
	for _, t := range catalogue.Tools() {
		slots[t.ID] = t.Hue
	}
	return slots
}()

// modelSlots are the colours of models, most tokens first: neighbours in the stack differ most.
var modelSlots = [maxParts]int{1, 4, 2, 8, 6, 3, 5}

// bySource and byModel name what a day is divided by. Dated versions of one model are one.
func bySource(d usage.Day) string { return d.Source }
func byModel(d usage.Day) string  { return usage.BareModel(d.Model) }

// newSplit divides the days of a year up to now. It is nil if there is nothing to divide.
func newSplit(id, title string, year int, all []usage.Day, name func(usage.Day) string, now time.Time) *split {
	w := newWindow(year, all, now)
	totals := make(map[string]int64)
	for _, d := range all {
		totals[name(d)] += d.Tokens.Total()
	}
	names := ranked(totals)
	if len(names) == 0 {
		return nil
	}
	s := &split{ID: id, Title: title, Year: year}
	place := make(map[string]int)
	for i, n := range names {
		at := min(i, maxParts)
		place[n] = at
		if at == len(s.Parts) {
			s.Parts = append(s.Parts, part{Name: n, tokens: make([]int64, w.steps)})
		} else {
			s.Parts[at].Name = others
		}
	}
	s.fill(all, name, place, w)
	s.colour(id)
	s.Area = newArea(s.Parts, w)
	return s
}

// fill adds the days to their parts, steps and months.
func (s *split) fill(all []usage.Day, name func(usage.Day) string, place map[string]int, w window) {
	months := make(map[time.Month]*splitRow)
	for _, d := range all {
		at, err := time.Parse(time.DateOnly, d.Date)
		if err != nil {
			continue
		}
		i, n := place[name(d)], d.Tokens.Total()
		p := &s.Parts[i]
		p.Sum = p.Sum.add(d)
		if step := w.step(at); step >= 0 && step < w.steps {
			p.tokens[step] += n
		}
		m := months[at.Month()]
		if m == nil {
			m = &splitRow{Name: at.Format("Jan"), Tokens: make([]int64, len(s.Parts))}
			months[at.Month()] = m
		}
		m.Tokens[i] += n
		m.Total += n
		s.Total += n
	}
	for m := time.January; m <= time.December; m++ {
		if row := months[m]; row != nil {
			s.Months = append(s.Months, *row)
		}
	}
	for i := range s.Parts {
		p := &s.Parts[i]
		p.Share = exact(share(p.Sum.Kinds.Total(), s.Total, 100)) + "%"
	}
}

// colour gives every part its slot.
func (s *split) colour(id string) {
	var taken [9]bool
	for i := range s.Parts {
		if p := &s.Parts[i]; id == "by-tool" && i < maxParts {
			p.Slot = sourceSlots[p.Name]
			taken[p.Slot] = true
		}
	}
	for i := range s.Parts {
		p := &s.Parts[i]
		switch {
		case p.Slot != 0 || i == maxParts || p.Name == unknown:
		case id == "by-tool":
			p.Slot = 1 + max(0, slices.Index(taken[1:], false))
			taken[p.Slot] = true
		default:
			p.Slot = modelSlots[i]
		}
	}
}

// ranked returns the names with a count, the largest first and the unknown last.
func ranked(totals map[string]int64) []string {
	var names []string
	for n, total := range totals {
		if total > 0 {
			names = append(names, n)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		switch unknown {
		case a:
			return 1
		case b:
			return -1
		}
		return cmp.Or(cmp.Compare(totals[b], totals[a]), cmp.Compare(a, b))
	})
	return names
}
