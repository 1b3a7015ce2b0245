package render

import (
	"io"
	"strings"
)

// Page is the help of the program or of one command, as a table of what exists: nothing is listed that is not in it.
type Page struct {
	About    []string // sentences
	Usage    string
	Groups   []Group
	Notes    []string // sentences after the groups
	Examples []string
	Run      []Suggestion
	Exit     []string // "0 ok", "1 failure", …
}

// Group is a few lines under one word.
type Group struct {
	Name  string
	Lines []Line
}

// Line is what can be written, and what it does if that is not plain from its name.
type Line struct{ Write, Does string }

// Suggestion is a command to go on with.
type Suggestion struct{ Command, Remark string }

// Help writes a page. Sentences and lists wrap at 60 columns at least, so that a page fits small windows.
func Help(w io.Writer, s Style, p Page) error {
	var out []string
	for _, a := range p.About {
		out = append(out, s.wrap("", "", a)...)
	}
	out = append(out, "", "usage: "+p.Usage)
	if len(p.Groups) > 0 {
		out = append(append(out, ""), s.groups(p.Groups)...)
	}
	if len(p.Notes) > 0 {
		out = append(out, "")
	}
	for _, n := range p.Notes {
		out = append(out, s.wrap("", "", n)...)
	}
	if len(p.Examples) > 0 {
		out = append(out, "", s.paint(muted, "examples"))
	}
	for _, e := range p.Examples {
		out = append(out, "  "+s.paint(accent, e))
	}
	if len(p.Run)+len(p.Exit) > 0 {
		out = append(out, "")
	}
	for _, r := range p.Run {
		out = append(out, s.run("", r.Command, r.Remark))
	}
	if len(p.Exit) > 0 {
		narrow := s
		narrow.Width = min(s.width(), 60)
		const glue = "\ue000" // keeps an item on one line; as wide as a space
		items := strings.ReplaceAll(strings.Join(p.Exit, ",\n"), " ", glue)
		for _, l := range narrow.wrap("exit: ", "      ", items) {
			out = append(out, strings.ReplaceAll(l, glue, " "))
		}
	}
	return writeLines(w, out)
}

// groups lines the names of groups up, and within each what its lines do.
func (s Style) groups(all []Group) []string {
	names := 0
	for _, g := range all {
		names = max(names, wide(g.Name)+2)
	}
	var out []string
	for _, g := range all {
		column := 0
		for _, l := range g.Lines {
			if l.Does != "" {
				column = max(column, wide(l.Write)+2)
			}
		}
		head := s.paint(muted, g.Name) + strings.Repeat(" ", names-wide(g.Name))
		for _, l := range g.Lines {
			out = append(out, s.helpLine(head, names, column, l)...)
			head = strings.Repeat(" ", names)
		}
	}
	return trimRight(out)
}

// helpLine puts what a line does beside it, or below it where it does not fit.
func (s Style) helpLine(head string, indent, column int, l Line) []string {
	if l.Does == "" || indent+column+wide(l.Does) <= s.width() {
		return []string{head + l.Write + strings.Repeat(" ", max(0, column-wide(l.Write))) + l.Does}
	}
	below := strings.Repeat(" ", indent+2)
	return append([]string{head + l.Write}, s.wrap(below, below, l.Does)...)
}
