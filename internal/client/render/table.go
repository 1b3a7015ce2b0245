package render

import (
	"slices"
	"strings"
	"sync"
)

// table is a grid that finds its width: it first gives up decoration, then exact figures, then one-line headings, then long
// labels, then whole columns. A digit is never cut.
type table struct {
	columns    []*column
	decoration []string       // ids of columns that go first, in that order
	drops      [][]string     // sets of columns that go when nothing else helps, the first that is enough
	names      []string       // ids of columns whose texts may be shortened in the end
	rows       int            // lines below the heading, if the cells of columns are made; else there are cells
	bars       []int64        // what the bar beside each row is drawn for; nil for no bars
	whole      int            // paths are whole until so many columns are gone
	footers    int            // how many of the last cells of each column stand under the rule
	fixed      bool           // figures are rounded at any width
	units      bool           // set by fit: figures are rounded
	hidden     []string       // set by fit: the columns that are not shown
	twoLines   bool           // set by fit: headings take two lines
	short      bool           // set by fit: labels are short
	dropped    int            // set by fit: how many columns are gone besides decoration
	most       map[string]int // set by fit: columns that are cut, and to what width
}

type column struct {
	id           string
	upper, lower string // the two lines of the heading
	head         string // the heading in one line; lower if empty
	gap          int    // spaces before it; 0 is two
	least        int    // a path: may be cut in its middle, down to that many columns; 0 is none
	left         bool
	cells        []cell
	// made makes a cell where there are none, for there may be ten thousand rows: its text is as it is to be written. Several may
	// call it at once.
	made     func(line int, rounded, short bool) cell
	wide     func(rounded bool) int // how wide the texts that are made are; nil: they have to be made to know
	steady   bool                   // what is made is the same whether it is to be rounded and short or not
	measured map[[2]bool][2]int     // widths of texts and marks, by whether they are rounded and short
}

type cell struct {
	text  string // exact, or the long form
	units string // rounded; text if empty
	short string // for narrow tables; text if empty
	mark  string // what is missing from a cost, in columns of its own
	role  role
}

const maxBar, minBar = 24, 8

func (t *table) text(c *cell) string {
	switch {
	case t.units && c.units != "":
		return c.units
	case t.short && c.short != "":
		return c.short
	}
	return c.text
}

// at is the cell of a line as it is to be written.
func (t *table) at(c *column, line int) cell {
	if c.made != nil {
		return c.made(line, t.units, t.short)
	}
	one := c.cells[line]
	one.text = t.text(&one)
	return one
}

// height is how many lines there are below the heading.
func (t *table) height() int { return max(t.rows, len(t.columns[0].cells)) }

func (t *table) heading(c *column) (upper, lower string) {
	if t.twoLines || c.head == "" {
		return c.upper, c.lower
	}
	return "", c.head
}

// shown are the columns that are left, each with the width of its texts and of its marks.
func (t *table) shown() (columns []*column, widths, marks []int) {
	for _, c := range t.columns {
		if slices.Contains(t.hidden, c.id) {
			continue
		}
		w, m := t.natural(c)
		if c.least > 0 && t.dropped >= t.whole {
			w = min(w, c.least)
		}
		if most, ok := t.most[c.id]; ok {
			w = most
		}
		columns, widths, marks = append(columns, c), append(widths, w), append(marks, m)
	}
	return columns, widths, marks
}

// natural is how wide a column is by itself. It is measured once for each way to write its cells.
func (t *table) natural(c *column) (texts, marks int) {
	upper, lower := t.heading(c)
	way := [2]bool{t.units, t.short}
	if c.steady {
		way = [2]bool{}
	}
	size, ok := c.measured[way]
	if !ok {
		size = t.measure(c)
		if c.measured == nil {
			c.measured = make(map[[2]bool][2]int)
		}
		c.measured[way] = size
	}
	return max(size[0], wide(upper), wide(lower)), size[1]
}

// measure is how wide the texts and the marks of a column are.
func (t *table) measure(c *column) [2]int {
	if c.wide != nil {
		return [2]int{c.wide(t.units), 0}
	}
	var sizes [2][2]int
	n := len(c.cells)
	if c.made != nil {
		n = t.rows
	}
	inHalves(n, func(half, from, to int) {
		size := &sizes[half]
		for i := from; i < to; i++ {
			one := t.at(c, i)
			size[0], size[1] = max(size[0], wide(one.text)), max(size[1], len(one.mark))
		}
	})
	return [2]int{max(sizes[0][0], sizes[1][0]), max(sizes[0][1], sizes[1][1])}
}

// inHalves calls do with both halves of n lines, by two processors where it is worth it.
func inHalves(n int, do func(half, from, to int)) {
	const few = 256
	if n < few {
		do(0, 0, n)
		return
	}
	var other sync.WaitGroup
	other.Go(func() { do(1, n/2, n) })
	do(0, 0, n/2)
	other.Wait()
}

func (t *table) width() int {
	columns, widths, marks := t.shown()
	n := 0
	for i := range columns {
		n += gapBefore(columns, i) + widths[i] + marks[i]
	}
	return n
}

func gapBefore(columns []*column, i int) int {
	switch {
	case i == 0:
		return 0
	case columns[i].gap > 0:
		return columns[i].gap
	}
	return 2
}

// fit takes the first layout that is not wider than width.
func (t *table) fit(width int) {
	for _, dropped := range append([][]string{nil}, t.drops...) {
		for _, try := range t.layouts(dropped) {
			try()
			if free := width - t.width(); free >= 0 {
				t.stretch(free)
				return
			}
		}
	}
	t.shorten(width)
}

// stretch gives paths what is left.
func (t *table) stretch(free int) {
	for _, c := range t.columns {
		if c.least == 0 || t.dropped < t.whole || slices.Contains(t.hidden, c.id) {
			continue
		}
		natural, _ := t.natural(c)
		t.most = map[string]int{c.id: min(natural, c.least+free)}
		return
	}
}

// layouts are the steps before another column goes.
func (t *table) layouts(dropped []string) []func() {
	set := func(units, twoLines, short bool, decoration int) func() {
		return func() {
			t.units, t.twoLines, t.short, t.dropped = units, twoLines, short, len(dropped)
			t.hidden = append(slices.Clone(dropped), t.decoration[:decoration]...)
		}
	}
	all := len(t.decoration)
	var steps []func()
	for n := range all + 1 {
		steps = append(steps, set(t.fixed, false, false, n))
	}
	return append(steps, set(true, false, false, all), set(true, true, false, all), set(true, true, true, all))
}

// minName is what is left of a name at least.
const minName = 4

// shorten takes what is too much off the longest names, one column after the other.
func (t *table) shorten(width int) {
	t.most = make(map[string]int)
	for t.width() > width {
		columns, widths, _ := t.shown()
		longest := -1
		for i, c := range columns {
			if slices.Contains(t.names, c.id) && widths[i] > minName && (longest < 0 || widths[i] > widths[longest]) {
				longest = i
			}
		}
		if longest < 0 {
			return
		}
		t.most[columns[longest].id] = widths[longest] - 1
	}
}

// lines draws the table: heading, rows, a rule and what stands under it.
func (t *table) lines(s Style) []string {
	columns, widths, marks := t.shown()
	var out []string
	upper, lower := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		upper[i], lower[i] = t.heading(c)
	}
	for _, head := range [][]string{upper, lower} {
		if strings.Join(head, "") != "" {
			out = append(out, t.headLine(s, columns, widths, marks, head))
		}
	}
	rows := t.height()
	most, room := slices.Max(append([]int64{0}, t.bars...)), min(maxBar, s.width()-t.width()-2)
	body := make([]string, rows, rows+1)
	inHalves(rows, func(_, from, to int) {
		for r := from; r < to; r++ {
			line := t.row(s, columns, widths, marks, r)
			if r < len(t.bars) && room >= minBar && !t.units && !s.tiny() {
				line = pad(line, t.width()) + "  " + s.paint(accent, s.bar(t.bars[r], most, room))
			}
			body[r] = strings.TrimRight(line, " ")
		}
	})
	if t.footers > 0 {
		body = slices.Insert(body, rows-t.footers, s.paint(muted, strings.Repeat(s.draw("─"), t.width())))
	}
	return append(out, body...)
}

func (t *table) headLine(s Style, columns []*column, widths, marks []int, head []string) string {
	var b strings.Builder
	for i, c := range columns {
		text := s.cutEnd(head[i], widths[i])
		alignTo(&b, c.left, gapBefore(columns, i), widths[i], wide(text), s.paint(muted, text))
		space(&b, marks[i])
	}
	return strings.TrimRight(b.String(), " ")
}

func (t *table) row(s Style, columns []*column, widths, marks []int, r int) string {
	var b strings.Builder
	b.Grow(s.width() + len("\x1b[32m\x1b[0m")) // most often
	foot := r >= t.height()-t.footers
	for i, c := range columns {
		one := t.at(c, r)
		text, role := one.text, one.role
		if c.least > 0 {
			text = s.cutMiddle(text, widths[i])
		} else {
			text = s.cutEnd(text, widths[i])
		}
		if foot && role == plain {
			role = strong
		}
		alignTo(&b, c.left, gapBefore(columns, i), widths[i], wide(text), s.paint(role, text))
		b.WriteString(s.paint(warn, one.mark))
		space(&b, marks[i]-len(one.mark))
	}
	return b.String()
}

// align is a painted text of a known width in its column.
func align(left bool, gap, width, has int, painted string) string {
	var b strings.Builder
	alignTo(&b, left, gap, width, has, painted)
	return b.String()
}

func alignTo(b *strings.Builder, left bool, gap, width, has int, painted string) {
	space(b, gap)
	if !left {
		space(b, width-has)
	}
	b.WriteString(painted)
	if left {
		space(b, width-has)
	}
}

func space(b *strings.Builder, n int) {
	for range n {
		b.WriteByte(' ')
	}
}

// bar draws part of most, in half columns; what is not nothing is seen.
func (s Style) bar(part, most int64, width int) string {
	if part <= 0 || most <= 0 {
		return ""
	}
	halves := max(1, int(scaled(min(part, most), int64(2*width), most)))
	return s.draw(strings.Repeat("━", halves/2) + strings.Repeat("╸", halves%2))
}

// pad fills a line that may hold escapes up to a width.
func pad(line string, width int) string {
	return line + strings.Repeat(" ", max(0, width-wide(bare(line))))
}

// bare takes our own escapes off a line.
func bare(line string) string {
	for {
		from := strings.Index(line, "\x1b[")
		if from < 0 {
			return line
		}
		to := strings.IndexByte(line[from:], 'm')
		if to < 0 {
			return line
		}
		line = line[:from] + line[from+to+1:]
	}
}
