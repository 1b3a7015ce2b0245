package source

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/usage"
)

// cursorColumns are where an export has what is counted, by the names in its first row: their order has changed.
type cursorColumns struct{ date, model, written, input, read, output, total int }

// none is a column that is not there.
const none = -1

func readCursorExport(f File) (p Part) {
	r := csv.NewReader(bytes.NewReader(f.Bytes()))
	r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord, r.TrimLeadingSpace = none, true, true, true
	header, err := r.Read()
	c := findCursorColumns(header)
	if err != nil || c.date == none || c.model == none || c.output == none || c.input == none {
		f.Fault(Malformed)
		return p
	}
	repeats := make(map[string]int)
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return p
		} else if err != nil {
			f.Fault(Malformed)
			continue
		}
		e, ok := c.entry(f, row)
		if !ok {
			continue
		}
		repeats[e.ID]++
		e.ID += "|" + strconv.Itoa(repeats[e.ID]) // equal rows of one export are as many responses
		p.Entries = append(p.Entries, e)
	}
}

func findCursorColumns(header []string) cursorColumns {
	c := cursorColumns{none, none, none, none, none, none, none}
	for i, name := range header {
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "date":
			c.date = i
		case "model":
			c.model = i
		case "input (w/ cache write)":
			c.written = i
		case "input (w/o cache write)":
			c.input = i
		case "cache read":
			c.read = i
		case "output tokens":
			c.output = i
		case "total tokens":
			c.total = i
		}
	}
	return c
}

func (c cursorColumns) entry(f File, row []string) (e Entry, ok bool) {
	written, input, read, output, total := cell(row, c.written), cell(row, c.input), cell(row, c.read), cell(row, c.output), cell(row, c.total)
	if max(written, input, read, output, total) > MaxCount {
		f.Fault(Corrupt)
		return e, false
	}
	// The two inputs are disjoint, unless the total says that the first holds the second.
	if total > 0 && total != written+input+read+output && total == written+read+output {
		written = max(0, written-input)
	}
	e.Tokens = usage.Tokens{Input: input, CacheRead: read, CacheWrite5m: written, Output: output}
	if e.Tokens.IsZero() {
		return e, false
	}
	if c.model >= len(row) || strings.TrimSpace(row[c.model]) == "" {
		f.Fault(Unnamed)
		return e, false
	}
	e.Model, e.Session = strings.TrimSpace(row[c.model]), "cursor-csv"
	date := ""
	if c.date < len(row) {
		date = strings.TrimSpace(row[c.date])
	}
	e.Time = cursorDate(date)
	e.ID = cursorExport + e.Time.Format(time.RFC3339Nano) + "|" + e.Model
	for _, n := range [...]int64{written, input, read, output} {
		e.ID += "|" + strconv.FormatInt(n, 10)
	}
	return e, true
}

// cursorDate reads the date of a row. Of a day alone it is noon.
func cursorDate(s string) time.Time {
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		return day.Add(12 * time.Hour)
	}
	return stamp([]byte(s))
}

// cell reads a number, which may be grouped by commas.
func cell(row []string, i int) int64 {
	if i < 0 || i >= len(row) {
		return 0
	}
	return Row{strings.ReplaceAll(row[i], ",", "")}.Count(0)
}
