package source

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/usage"
)

// cursorColumns are where an export has what is counted, by the names in its first row: their order has changed.
type cursorColumns struct{ date, model, written, input, read, output, total int }

// none is a column that is not there.
const none = -1

// readCursorExport reads rows. A table of something else is none of Cursor's, unless its name says that it is.
func readCursorExport(f File) (p Part) {
	p.Session = cursorAccount(f)
	r := csv.NewReader(bytes.NewReader(f.Bytes()))
	r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord, r.TrimLeadingSpace = none, true, true, true
	header, err := r.Read()
	c := findCursorColumns(header)
	if err != nil || c.date == none || c.model == none || c.output == none || c.input == none {
		if strings.HasPrefix(path.Base(f.Path()), "usage") {
			f.Fault(Malformed)
		}
		return p
	}
	repeats := make(cursorRepeats)
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
		p.Entries = append(p.Entries, repeats.number(e))
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
	if day, err := time.Parse(time.DateOnly, date); err == nil {
		e.Time, e.Marks = day.Add(12*time.Hour), cursorDay
	} else {
		e.Time = stamp([]byte(date))
	}
	return e, true
}

// cursorAccount names the account that an export is of: its file's name, in its folder.
func cursorAccount(f File) string { return f.Origin() + ":" + stem(f.Path()) }

// cursorRepeats counts the equal rows of one export, which are as many responses. A row has the same ID in every export.
type cursorRepeats map[string]int

func (r cursorRepeats) number(e Entry) Entry {
	id := cursorExport + e.Time.Format(time.RFC3339Nano) + "|" + e.Model
	for _, n := range [...]int64{e.Tokens.CacheWrite5m, e.Tokens.Input, e.Tokens.CacheRead, e.Tokens.Output} {
		id += "|" + strconv.FormatInt(n, 10)
	}
	r[id]++
	e.ID = id + "|" + strconv.Itoa(r[id])
	return e
}

// cell reads a number, which may be grouped by commas.
func cell(row []string, i int) int64 {
	if i < 0 || i >= len(row) {
		return 0
	}
	return Row{strings.ReplaceAll(row[i], ",", "")}.Count(0)
}
