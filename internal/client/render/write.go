package render

import (
	"fmt"
	"io"
	"strings"

	"tokenflex.ing/internal/client/report"
)

// Format is a way to write a report.
type Format string

// The formats.
const (
	Table    Format = "table"
	JSON     Format = "json"
	CSV      Format = "csv"
	Markdown Format = "markdown"
)

// Write writes a report. The style is of tables alone.
func Write(w io.Writer, f Format, r *report.Report, s Style) error {
	switch f {
	case JSON:
		return writeJSON(w, reportJSON(r))
	case CSV:
		return writeCSV(w, reportGrid(r))
	case Markdown:
		return writeLines(w, reportMarkdown(r, s))
	case Table:
		return writeLines(w, reportText(r, s))
	}
	return fmt.Errorf("no format %q", f)
}

func writeLines(w io.Writer, lines []string) error {
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}
