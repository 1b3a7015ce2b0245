package page

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/usage"
)

// window is the part of a year that a chart shows, in steps of a day or a week.
type window struct {
	from, to time.Time // first and last day
	stride   int       // days a step
	steps    int       // at least 2
}

// newWindow spans a year up to now. Somebody who began less than ten weeks before its end sees the days since, at least
// four weeks of them, instead of an empty chart with a spike.
func newWindow(year int, all []usage.Day, now time.Time) window {
	w := window{from: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), to: time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC), stride: 7}
	if today := date(now); today.Before(w.to) {
		w.to = today
	}
	first := w.to
	for _, d := range all {
		if at, err := time.Parse(time.DateOnly, d.Date); err == nil && at.Before(first) {
			first = at
		}
	}
	if days(first, w.to) < 70 {
		w.stride = 1
		w.from = first
		if month := w.to.AddDate(0, 0, -27); month.Before(w.from) {
			w.from = month
		}
	}
	w.steps = max(2, days(w.from, w.to)/w.stride+1)
	return w
}

// step is the step that a day falls into; outside the window it is negative or not below steps.
func (w window) step(at time.Time) int {
	if at.Before(w.from) {
		return -1
	}
	return days(w.from, at) / w.stride
}

// area is a stacked area. Its words are outside the drawing, which stretches with the page.
type area struct {
	Marks  []string      // of the three grid lines from the top, and the base
	Shapes template.HTML // the drawing
	Ticks  template.HTML // the words of the time axis
	Step   string        // day or week
}

// newArea stacks the parts, the first on top. Weeks are joined by slopes; days stand as columns, since two of them with
// nothing in between are no slope.
func newArea(parts []part, w window) area {
	base := make([]int64, w.steps)
	most := int64(0)
	for i := range base {
		sum := int64(0)
		for _, p := range parts {
			sum += p.tokens[i]
		}
		most = max(most, sum)
	}
	grid := gridStep(most)
	c := canvas{wide: (w.steps - 1) * stepWide, top: 3 * grid, columns: w.stride == 1}
	step := "week"
	if c.columns {
		c.wide, step = w.steps*stepWide, "day"
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="area" viewBox="0 0 %d %d" preserveAspectRatio="none" aria-hidden="true">`, c.wide, high)
	for g := int64(1); g <= 3; g++ {
		fmt.Fprintf(&b, `<line x1="0" x2="%d" y1="%.1f" y2="%.1f"/>`, c.wide, c.y(g*grid), c.y(g*grid))
	}
	for i := len(parts) - 1; i >= 0; i-- {
		lower := slices.Clone(base)
		for x := range base {
			base[x] += parts[i].tokens[x]
		}
		fmt.Fprintf(&b, `<path class="s%d" d="M%sL%sZ"/>`, parts[i].Slot, c.edge(base, false), c.edge(lower, true))
	}
	b.WriteString(`</svg>`)
	return area{Marks: marks(grid), Shapes: template.HTML(b.String()), Ticks: w.ticks(c), Step: step}
}

// The size of a drawing, in its own units.
const (
	high     = 240
	stepWide = 10
)

// canvas places amounts of tokens on a drawing.
type canvas struct {
	wide    int
	top     int64 // tokens at the upper edge
	columns bool  // a step is as wide as a column, not a point
}

func (c canvas) y(n int64) float64 { return high - float64(n)/float64(c.top)*high }

// edge is the line over the amounts, from the left or back from the right.
func (c canvas) edge(amounts []int64, back bool) string {
	var points []string
	for i, n := range amounts {
		points = append(points, fmt.Sprintf("%d,%.1f", i*stepWide, c.y(n)))
		if c.columns {
			points = append(points, fmt.Sprintf("%d,%.1f", (i+1)*stepWide, c.y(n)))
		}
	}
	if back {
		slices.Reverse(points)
	}
	return strings.Join(points, " ")
}

// gridStep is the distance of the grid lines, a round number of which three hold the most.
func gridStep(most int64) int64 {
	most = min(most, 1<<60) // a chart that large is cut, and its steps do not overflow
	size := int64(1)
	for size*30 < most {
		size *= 10
	}
	for _, half := range []int64{2, 3, 4, 5, 6, 8, 10, 15, 20} { // 1, 1.5, 2 … times size
		if n := max(1, size*half/2); n*3 >= most {
			return n
		}
	}
	return size * 10
}

// marks are the words beside the grid lines.
func marks(grid int64) []string {
	var m []string
	for _, g := range []int64{3, 2, 1} {
		digits, unit := short(g * grid)
		if strings.Contains(digits, ".") {
			digits = strings.TrimRight(strings.TrimRight(digits, "0"), ".")
		}
		m = append(m, digits+unit)
	}
	return append(m, "0")
}

// ticks writes the months, or of a shorter window its Mondays, at their places. Every second one leaves narrow screens.
func (w window) ticks(c canvas) template.HTML {
	var b strings.Builder
	b.WriteString(`<svg class="xax" aria-hidden="true">`)
	span := float64(c.wide) / stepWide * float64(w.stride) // in days
	n := 0
	for at := w.from; !at.After(w.to); at = at.AddDate(0, 0, 1) {
		label := at.Format("Jan")
		if c.columns {
			label = at.Format("2 Jan")
			if weekday(at) != 0 {
				continue
			}
		} else if at.Day() != 1 {
			continue
		}
		x := float64(days(w.from, at)) / span
		if x > .93 { // it would leave the chart
			break
		}
		class := ""
		if n%2 == 1 {
			class = ` class="o"`
		}
		fmt.Fprintf(&b, `<text%s x="%.2f%%" y="1rem">%s</text>`, class, x*100, label)
		n++
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}
