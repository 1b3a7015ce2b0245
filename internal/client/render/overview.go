package render

import (
	"io"
	"strings"

	"tokenflex.ing/internal/client/report"
	"tokenflex.ing/internal/usage"
)

// maxLines is how many lines the overview has at most: it never scrolls what was on a small terminal away.
const maxLines = 24

// WriteOverview writes the overview. As CSV it has the rows of its JSON: one a source, over all time.
func WriteOverview(w io.Writer, f Format, v *report.Overview, s Style) error {
	switch f {
	case JSON:
		return writeJSON(w, overviewJSON(v))
	case Table:
		return writeLines(w, overviewText(v, s))
	}
	return Write(w, f, v.Report, s)
}

// overviewText lays the overview out: spans of time, the strip of days, sources and models, how things stand.
func overviewText(v *report.Overview, s Style) []string {
	o := overview{of: v, view: view{Report: v.Report, Style: s, now: v.Now.In(v.Zone)}}
	out := o.head()
	if len(v.Rows) == 0 {
		return append(append(out, ""), o.nothing()...)
	}
	o.measure()
	out = append(out, "")
	out = append(out, o.windows()...)
	out = append(out, "", o.strip())
	notices := o.notices()
	room := maxLines - len(out) - len(notices) - 1
	out = append(out, o.lists(room)...)
	return append(append(out, ""), notices...)
}

// overview is an overview on its way to the terminal.
type overview struct {
	view
	of           *report.Overview
	label, money int // widths of the first and third column
}

func (o overview) head() []string {
	when := o.now.Format("Mon 2 Jan 2006, 15:04") + " " + o.Zone.String()
	if o.width() < 60 {
		when = o.now.Format("2 Jan, 15:04")
	}
	scope := []string{when}
	if span := o.span(); span != "all time" {
		scope = append(scope, span)
	}
	return o.headline("tokenflexing", strings.Join(append(scope, o.filters()...), ", "))
}

// nothing says where was looked, and what else can be done.
func (o overview) nothing() []string {
	if len(o.Found.Sources) > 0 {
		return o.view.nothing()
	}
	out := []string{"No usage found yet."}
	if o.of.Looked > 0 {
		out = append(out, o.wrap("", "", "Looked in "+clean(o.of.Home)+" for "+plural(int64(o.of.Looked), "tool")+"; none left a record.")...)
	}
	if o.Quiet {
		return out
	}
	out = append(out, "")
	for _, hint := range [][2]string{{"tokenflexing sources --all ", "where each is looked for"}, {"tokenflexing --home DIR    ", "to read another home"}} {
		if o.suggests(hint[0]) {
			out = append(out, strings.TrimRight(o.run("", hint[0], hint[1]), " "))
		}
	}
	return out
}

const tokensWidth, markWidth, shareWidth = 6, 2, 5

// measure finds the widths that all blocks share, so that figures stand under each other.
func (o *overview) measure() {
	o.money = 9
	for _, sums := range o.all() {
		o.money = max(o.money, wide(o.Style.money(sums.Cost)))
	}
	switch w := o.width(); {
	case w >= 80:
		o.label = 23
	case w >= 60:
		o.label = 21
	default:
		longest := 11
		for _, r := range o.of.Sources {
			longest = max(longest, wide(name(r.Labels[0])))
		}
		o.label = min(longest, w-tokensWidth-2-o.money-markWidth-2) + 2
	}
}

func (o overview) all() []report.Sums {
	var all []report.Sums
	for _, w := range o.of.Windows {
		all = append(all, w.Sums)
	}
	return append(all, o.of.Window30)
}

// figures are the first columns of every block: label, tokens, cost.
func (o overview) figures(r role, label string, s report.Sums) string {
	label = o.cutEnd(label, o.label-2)
	line := o.paint(r, label) + strings.Repeat(" ", o.label-wide(label))
	tokens := units(s.Tokens.Total())
	line += align(false, 0, tokensWidth, wide(tokens), o.paint(zero(s.Tokens.Total()), tokens))
	if o.tiny() {
		return line
	}
	cost := o.amount(s)
	line += align(false, 2, o.money, wide(cost.text), o.paint(cost.role, cost.text))
	return line + o.paint(warn, cost.mark) + strings.Repeat(" ", markWidth-len(cost.mark))
}

func (o overview) headings(r role, label string) string {
	label = o.cutEnd(label, o.label-2)
	line := o.paint(r, label) + strings.Repeat(" ", o.label-wide(label)) + o.paint(muted, "tokens")
	if o.tiny() {
		return line
	}
	return line + align(false, 2, o.money, 4, o.paint(muted, "cost")) + strings.Repeat(" ", markWidth)
}

// windows are today, 7 days, 30 days and all time, with as many columns as there is room for.
func (o overview) windows() []string {
	columns := o.windowColumns()
	used := o.label + tokensWidth + 2 + o.money + markWidth
	out := make([]string, len(o.of.Windows)+1)
	out[0] = o.headings(plain, "")
	for i, w := range o.of.Windows {
		out[i+1] = o.figures(plain, w.Name, w.Sums)
	}
	for _, c := range columns {
		cellWidth := max(c.least, wide(c.head))
		for _, text := range c.texts {
			cellWidth = max(cellWidth, wide(text))
		}
		if used += 3 + cellWidth; used > o.width() || o.tiny() {
			break
		}
		out[0] += align(false, 3, cellWidth, wide(c.head), o.paint(muted, c.head))
		for i, text := range c.texts {
			out[i+1] += align(false, 3, cellWidth, wide(text), o.paint(c.role, text))
		}
	}
	return trimRight(out)
}

type windowColumn struct {
	head  string
	least int
	role  role
	texts []string
}

// windowColumns are the further columns: one from 60 columns on, three from 80, six from 100.
func (o overview) windowColumns() []windowColumn {
	all := []windowColumn{{head: "cached"}, {head: "requests"}, {head: "change"}, {head: "input", least: 6}, {head: "output"}, {head: o.perMillionHead(), least: 5, role: money}}
	for _, w := range o.of.Windows {
		requests := exact(w.Requests)
		if len(requests) > len("requests") {
			requests = units(w.Requests)
		}
		for i, text := range []string{cached(w.Tokens), requests, change(w.Tokens.Total(), w.Before.Tokens.Total()),
			units(w.Tokens.Input), units(w.Tokens.Output), perMillion(o.Style, w.Cost, w.Priced())} {
			all[i].texts = append(all[i].texts, text)
		}
	}
	switch w := o.width(); {
	case w >= 100:
		return all
	case w >= 80:
		return all[:3]
	case w >= 60:
		return all[:1]
	}
	return nil
}

// lists are the sources and the models of the last 30 days, within so many lines.
func (o overview) lists(room int) []string {
	switch {
	case room < 4:
		return nil
	case o.width() < 60:
		return append([]string{""}, o.list("30 days", o.of.Sources, min(4, room-2), 0)...)
	}
	if o.width() >= 120 {
		return o.sideBySide(min(6, room-2))
	}
	bars := min(maxBar, o.width()-o.listWidth()-2)
	rows := room - 4 // for both
	if rows < 4 {
		return append([]string{""}, o.list("sources, 30 days", o.of.Sources, room-2, bars)...)
	}
	models := min(4, max(rows-min(4, len(o.of.Sources)), 2))
	out := append([]string{""}, o.list("sources, 30 days", o.of.Sources, min(4, rows-models), bars)...)
	return append(append(out, ""), o.list("models, 30 days", o.of.Models, models, bars)...)
}

func (o overview) listWidth() int {
	return o.label + tokensWidth + 2 + o.money + markWidth + 1 + shareWidth
}

func (o overview) sideBySide(rows int) []string {
	const gap = 4
	block := min((o.width()-gap)/2, o.listWidth()+2+maxBar)
	bars := block - o.listWidth() - 2
	left, right := o.list("sources, 30 days", o.of.Sources, rows, bars), o.list("models, 30 days", o.of.Models, rows, bars)
	out := []string{""}
	for i := range max(len(left), len(right)) {
		var l, r string
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		out = append(out, pad(l, block+gap)+r)
	}
	return trimRight(out)
}

// list is one block: the largest rows, and what the others add up to.
func (o overview) list(title string, rows []report.Row, most, bars int) []string {
	out := []string{o.headings(strong, title) + o.share("share", muted)}
	full := make(map[string]int)
	for _, r := range rows {
		full[report.BareModel(r.Labels[0])]++
	}
	var rest report.Sums
	if most = max(most, 1); len(rows) > most {
		for _, r := range rows[most-1:] {
			rest = rest.Add(r.Sums)
		}
	} else {
		most = len(rows) + 1
	}
	for _, r := range rows[:min(len(rows), most-1)] {
		label := r.Labels[0]
		if bare := report.BareModel(label); full[bare] == 1 {
			label = bare
		}
		line := o.figures(plain, name(label), r.Sums) + o.share(percent(r.Tokens.Total(), o.of.Window30.Tokens.Total()), plain)
		if bars >= minBar {
			line += "  " + o.paint(accent, o.bar(r.Tokens.Total(), rows[0].Tokens.Total(), bars))
		}
		out = append(out, line)
	}
	if n := len(rows) - (most - 1); n > 0 {
		out = append(out, o.figures(plain, exact(int64(n))+" more", rest)+o.share(percent(rest.Tokens.Total(), o.of.Window30.Tokens.Total()), plain))
	}
	return trimRight(out)
}

func (o overview) share(text string, r role) string {
	if o.width() < 60 {
		return ""
	}
	return align(false, 1, shareWidth, wide(text), o.paint(r, text))
}

// strip shows each of the last 30 days, or 60 where there is room: height and shade say the same.
func (o overview) strip() string {
	n := 30
	if o.width() >= 120 {
		n = report.StripDays
	}
	if o.tiny() {
		n = o.Width
	}
	used := o.of.Strip[len(o.of.Strip)-n:]
	peak := used[0]
	for _, d := range used {
		if d.Tokens > peak.Tokens {
			peak = d
		}
	}
	line := o.cells(used, peak.Tokens)
	if o.width() < 60 {
		return line
	}
	line = "day by day" + strings.Repeat(" ", o.label-1-len("day by day")) + line
	if said := "peak " + units(peak.Tokens) + " on " + dayOf(peak.Date); peak.Tokens > 0 && o.label-1+n+2+len(said) <= o.width() {
		line += "  " + o.paint(muted, said)
	}
	return line
}

const steps = "▁▂▃▄▅▆▇█"

// cells are a strip's days, each in eighths of the peak.
func (o overview) cells(days []report.DayUsed, peak int64) string {
	var b strings.Builder
	run, last := "", plain
	flush := func() { b.WriteString(o.paint(last, run)) }
	for _, d := range days {
		glyph, r := o.draw("·"), muted
		if d.Tokens > 0 {
			eighth := min(7, int((float64(d.Tokens)*8-1)/float64(peak)))
			glyph, r = o.draw(string([]rune(steps)[eighth])), accent
			if eighth < 2 {
				r = dim
			}
		}
		if r != last {
			flush()
			run, last = "", r
		}
		run += glyph
	}
	flush()
	return b.String()
}

func trimRight(lines []string) []string {
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

// total adds tokens as sums do, so that it cannot overflow.
func total(counts ...int64) int64 {
	var t usage.Tokens
	for _, n := range counts {
		t = t.Add(usage.Tokens{Input: n})
	}
	return t.Input
}
