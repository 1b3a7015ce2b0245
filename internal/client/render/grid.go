package render

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"tokenflex.ing/internal/client/report"
)

// grid is a report as a plain table for other programs: the members of the JSON rows as columns. A list is joined by
// semicolons. There is no line for the total: whoever adds a column up finds it.
type grid struct {
	heads []string
	rows  [][]string
}

func reportGrid(r *report.Report) grid {
	rows := make([]object, len(r.Rows))
	for i, row := range r.Rows {
		rows[i] = rowJSON(r, row)
	}
	return gridOf(headsOf(rowJSON(r, report.Row{Labels: make([]string, len(r.Labels))})), rows)
}

func gridOf(heads []string, rows []object) grid {
	g := grid{heads: heads}
	for _, o := range rows {
		var line []string
		for _, m := range o {
			line = append(line, plainValue(m.value))
		}
		g.rows = append(g.rows, line)
	}
	return g
}

func headsOf(o object) []string {
	var heads []string
	for _, m := range o {
		heads = append(heads, m.name)
	}
	return heads
}

func plainValue(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []string:
		return strings.Join(v, ";")
	}
	return fmt.Sprint(v)
}

// writeCSV writes RFC 4180, with line feeds. A name that a spreadsheet would take for a formula gets a quote before it.
func writeCSV(w io.Writer, g grid) error {
	c := csv.NewWriter(w)
	if err := c.Write(g.heads); err != nil {
		return err
	}
	for _, row := range g.rows {
		line := make([]string, len(row))
		for i, text := range row {
			line[i] = harmless(clean(text))
		}
		if err := c.Write(line); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// harmless keeps a spreadsheet from reading a name as a formula. No figure of ours begins like that: none is negative.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
