package render

import (
	"io"
	"strings"

	"tokenflex.ing/internal/client/report"
)

const doctorIndent = "      "

// Doctor writes what was looked at: each thing once, what is wrong with its next step.
func Doctor(w io.Writer, s Style, checks []report.Check) error {
	var out []string
	counts := make(map[report.Health]int64)
	for _, c := range checks {
		counts[c.Health]++
		word := string(c.Health)
		lines := s.wrap(word+strings.Repeat(" ", len(doctorIndent)-len(word)), doctorIndent, clean(c.Text))
		lines[0] = s.paint(map[report.Health]role{report.Sound: ok, report.Odd: warn, report.Wrong: wrong}[c.Health], word) + lines[0][len(word):]
		out = append(out, lines...)
		for _, line := range s.details(c.Details) {
			out = append(out, doctorIndent[2:]+line)
		}
		if c.Step != "" {
			out = append(out, s.wrap(doctorIndent, doctorIndent, clean(c.Step))...)
		}
		if c.Run != "" && s.suggests(c.Run) {
			out = append(out, s.run(doctorIndent, c.Run, ""))
		}
	}
	sum := "nothing is wrong"
	if counts[report.Wrong]+counts[report.Odd] > 0 {
		sum = plural(counts[report.Wrong], "failure") + ", " + plural(counts[report.Odd], "warning")
	}
	return writeLines(w, append(out, "", sum))
}
