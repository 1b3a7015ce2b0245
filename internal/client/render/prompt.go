package render

import (
	"io"
	"strings"

	"tokenflex.ing/internal/client/report"
)

// Prompt writes the line of a coding agent's prompt: all that fits of it, or what the format asks for.
func Prompt(w io.Writer, s Style, p report.Prompt, format string) error {
	if format != "" {
		return writeLines(w, []string{s.filled(p, format)})
	}
	at := ""
	if p.Old {
		at = "  " + s.paint(muted, "("+p.At.Format("15:04")+")")
	}
	bare := s
	bare.Color = false
	lines := s.promptLines(p)
	for i, line := range bare.promptLines(p) {
		if i == len(lines)-1 || wide(line)+len("  (15:04)") <= s.Width {
			if line == "" {
				at = ""
			}
			return writeLines(w, []string{lines[i] + at})
		}
	}
	return nil
}

// promptLines are forms of the line, the longest first.
func (s Style) promptLines(p report.Prompt) []string {
	var session, short, block, left, model []string
	if p.Session.Tokens.Total() > 0 {
		short = append(short, s.priced(p.Session))
		session = append(session, s.priced(p.Session)+" session")
	}
	if p.Left > 0 {
		left = append(left, lasted(p.Left)+" left")
		block = append(block, "block "+s.priced(p.Block)+", "+left[0])
	}
	if p.Model != "" {
		model = append(model, s.paint(muted, clean(p.Model)))
	}
	var today []string
	if p.Today.Tokens.Total() > 0 {
		today = append(today, s.priced(p.Today)+" today")
	}
	line := func(parts ...[]string) string {
		var all []string
		for _, part := range parts {
			all = append(all, part...)
		}
		return strings.Join(all, "  ")
	}
	return []string{line(model, session, today, block), line(session, today, block), line(session, today, left), line(session, today), line(short, today)}
}

// priced is an amount with its mark.
func (s Style) priced(sums report.Sums) string {
	c := s.amount(sums)
	return s.paint(c.role, c.text) + c.mark
}

// filled puts figures in the place of their names.
func (s Style) filled(p report.Prompt, format string) string {
	amount := func(sums report.Sums) string {
		if sums.Tokens.Total() == 0 {
			return ""
		}
		return s.priced(sums)
	}
	left := ""
	if p.Left > 0 {
		left = lasted(p.Left)
	}
	rank := ""
	if p.Rank > 0 {
		rank = "#" + exact(p.Rank)
	}
	return strings.NewReplacer("{model}", clean(p.Model),
		"{session.cost}", amount(p.Session), "{session.tokens}", units(p.Session.Tokens.Total()),
		"{today.cost}", amount(p.Today), "{today.tokens}", units(p.Today.Tokens.Total()),
		"{block.cost}", amount(p.Block), "{block.tokens}", units(p.Block.Tokens.Total()), "{block.left}", left,
		"{rank}", rank, "{at}", p.At.Format("15:04")).Replace(format)
}
