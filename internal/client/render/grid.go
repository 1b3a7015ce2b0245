package render

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"tokenflex.ing/internal/client/report"
)

// grid is a report as a plain table for other programs: the members of the JSON rows as columns. A list is joined by
// semicolons. There is no line for the total: whoever adds a column up finds it.
type grid struct {
	heads []string
	rows  stream
}

func reportGrid(r *report.Report) grid {
	return grid{headsOf(rowJSON(r, report.Row{Labels: make([]string, len(r.Labels))})), rowsOf(r)}
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
	var b []byte
	for i, head := range g.heads {
		b = appendField(b, i, head)
	}
	b, err := g.rows.append(append(b, '\n'), appendRecords, func(b []byte) ([]byte, error) {
		if len(b) < atOnce {
			return b, nil
		}
		_, err := w.Write(b)
		return b[:0], err
	})
	if err == nil {
		_, err = w.Write(b)
	}
	return err
}

// appendRecords appends some rows of a grid.
func appendRecords(b []byte, rows stream, from, to int) ([]byte, error) {
	var o object
	for i := from; i < to; i++ {
		o = rows.at(o[:0], i)
		for j := range o {
			switch v := o[j].value.(type) {
			case int:
				b = strconv.AppendInt(comma(b, j), int64(v), 10)
			case int64:
				b = strconv.AppendInt(comma(b, j), v, 10)
			default:
				b = appendField(b, j, harmless(clean(plainValue(v))))
			}
		}
		b = append(b, '\n')
	}
	return b, nil
}

// appendField appends a field at its place in a line, as package csv writes it, which is asked where there may be quotes to write.
func appendField(b []byte, at int, text string) []byte {
	b = comma(b, at)
	if plainField(text) {
		return append(b, text...)
	}
	var field bytes.Buffer
	c := csv.NewWriter(&field)
	_ = c.Write([]string{text}) // memory has room
	c.Flush()
	return append(b, bytes.TrimSuffix(field.Bytes(), []byte{'\n'})...)
}

func comma(b []byte, at int) []byte {
	if at > 0 {
		return append(b, ',')
	}
	return b
}

// plainField reports whether a field is written as it is.
func plainField(text string) bool {
	for i := range len(text) {
		if c := text[i]; c <= ' ' && (c < ' ' || i == 0) || c > '~' || c == '"' || c == ',' || c == '\\' {
			return false
		}
	}
	return true
}

// harmless keeps a spreadsheet from reading a name as a formula. No figure of ours begins like that: none is negative.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
