package render

import (
	"io"
	"strings"

	"tokenflex.ing/internal/client/report"
)

// WriteSources writes the report on the tools themselves.
func WriteSources(w io.Writer, f Format, r *report.Sources, s Style) error {
	v := sources{r, s}
	switch f {
	case JSON:
		return writeJSON(w, sourcesJSON(r))
	case CSV:
		return writeCSV(w, grid{sourceHeads(), streamOf(sourceRows(r))})
	case Markdown:
		return writeLines(w, v.markdown())
	}
	return writeLines(w, v.text())
}

// sources is that report on its way to the terminal.
type sources struct {
	*report.Sources
	Style
}

func (v sources) text() []string {
	out := v.headline("Sources", "this machine")
	for _, part := range [][]string{v.measured(), v.detected(), v.notFound(), v.expiringLines()} {
		if len(part) > 0 {
			out = append(append(out, ""), part...)
		}
	}
	return out
}

// bucket is a heading in words, so that screen readers and grep get it, and what it means if there is room.
func (v sources) bucket(r role, word, meaning string) string {
	if wide(word)+2+wide(meaning) > v.width() {
		return v.paint(r, word)
	}
	return v.paint(r, word) + "  " + v.paint(muted, meaning)
}

func (v sources) measured() []string {
	in := v.In(report.Measured)
	if len(in) == 0 {
		return nil
	}
	t := v.table(in)
	t.fit(v.width())
	if v.tiny() {
		t.hidden = allBut(t, "source", "newest")
	}
	return append([]string{v.bucket(ok, "Measured", "counted from the tool's own records")}, t.lines(v.Style)...)
}

// leastPath is how short a path may be cut before its column goes.
const leastPath = 24

func (v sources) table(in []report.SourceState) *table {
	text := func(id string) *column { return &column{id: id, lower: id, left: true} }
	source, quality, newest, keeps, path := text("source"), text("quality"), text("newest"), text("tool keeps"), text("path")
	files, bytes, records := &column{id: "files", lower: "files"}, &column{id: "size", lower: "size"}, &column{id: "records", lower: "records"}
	keeps.upper, keeps.lower, keeps.head = "tool", "keeps", "tool keeps"
	for _, t := range in {
		source.cells = append(source.cells, cell{text: name(t.ID)})
		quality.cells = append(quality.cells, cell{text: t.Quality})
		files.cells = append(files.cells, cell{text: exact(int64(t.Files)), units: units(int64(t.Files))})
		bytes.cells = append(bytes.cells, cell{text: size(t.Bytes)})
		records.cells = append(records.cells, cell{text: exact(t.Records), units: units(t.Records)})
		newest.cells = append(newest.cells, cell{text: age(t.Last, v.Now.In(v.Zone))})
		keeps.cells = append(keeps.cells, cell{text: keepsFor(t.DeletesAfterDays)})
		path.cells = append(path.cells, cell{text: v.path(t.Roots)})
		path.least = max(path.least, min(leastPath, wide(v.path(t.Roots))))
	}
	path.least = max(path.least, wide(path.lower))
	return &table{
		columns: []*column{source, quality, files, bytes, records, newest, keeps, path},
		drops: append([][]string{{"files"}, {"files", "size"}, {"files", "path"}},
			oneByOne([]string{"files", "size", "path", "quality", "records", "tool keeps"})[2:]...),
		whole: 2, names: []string{"source"}, fixed: v.Compact,
	}
}

func keepsFor(days int) string {
	if days <= 0 {
		return "all"
	}
	return plural(int64(days), "day")
}

// path is the first folder, and how many more there are.
func (v sources) path(roots []string) string {
	if len(roots) == 0 {
		return ""
	}
	if more := len(roots) - 1; more > 0 {
		return v.tilde(roots[0]) + " +" + exact(int64(more))
	}
	return v.tilde(roots[0])
}

// tilde shortens what is below the home.
func (v sources) tilde(path string) string {
	if rest, ok := strings.CutPrefix(path, v.Home); ok && v.Home != "" && (rest == "" || rest[0] == '/' || rest[0] == '\\') {
		path = "~" + rest
	}
	return clean(path)
}

func (v sources) detected() []string {
	in := v.In(report.Detected)
	if len(in) == 0 {
		return nil
	}
	out := []string{v.bucket(warn, "Detected", "installed, but no counter on disk to trust")}
	names, reasons := v.nameWidth(), 0
	for _, t := range in {
		if v.hint(t) != "" {
			reasons = max(reasons, wide(clean(t.Reason))+4)
		}
	}
	for _, t := range in {
		out = append(out, v.reason(t, names, reasons)...)
		if v.All && len(t.Roots) > 0 {
			out = append(out, v.folders(strings.Repeat(" ", names), t.Roots)...)
		}
	}
	return out
}

// nameWidth is what the ids take, with the space after them.
func (v sources) nameWidth() int {
	longest := 0
	for _, t := range v.List {
		if t.Status == report.NotFound && !v.All {
			continue
		}
		longest = max(longest, wide(name(t.ID)))
	}
	return longest + 2
}

func (v sources) hint(t report.SourceState) string {
	if v.Quiet || t.Hint == "" || !v.suggests(t.Hint) {
		return ""
	}
	return clean(t.Hint)
}

// reason is why a tool is not counted, with the command that helps beside it, or below it where it does not fit.
func (v sources) reason(t report.SourceState, names, reasons int) []string {
	id, why := name(t.ID), clean(t.Reason)
	if names+wide(why) > v.width() {
		names = max(wide(id)+2, v.width()-wide(why))
	}
	lines := v.wrap(id+strings.Repeat(" ", names-wide(id)), strings.Repeat(" ", min(names, 4)), why)
	hint := v.hint(t)
	if hint == "" {
		return lines
	}
	if last := len(lines) - 1; names+reasons+wide(hint) <= v.width() && last == 0 {
		lines[0] = pad(lines[0], names+reasons) + v.paint(accent, hint)
		return lines
	}
	indent := strings.Repeat(" ", names)
	if names+wide(hint) > v.width() {
		indent = "  "
	}
	return append(lines, indent+v.paint(accent, hint))
}

func (v sources) notFound() []string {
	in := v.In(report.NotFound)
	if len(in) == 0 {
		return nil
	}
	out := []string{v.paint(muted, "Not found") + "  " + v.paint(muted, plural(int64(len(in)), "tool"))}
	if v.All {
		names := v.nameWidth()
		for _, t := range in {
			id := name(t.ID)
			out = append(out, v.folders(id+strings.Repeat(" ", names-wide(id)), t.Looked)...)
		}
		return out
	}
	line, shown, width := "", 0, min(v.width(), maxProse)
	for _, t := range in {
		next := strings.TrimLeft(line+" "+name(t.ID), " ")
		if wide(next) > width {
			break
		}
		line, shown = next, shown+1
	}
	out = append(out, v.paint(muted, line))
	if more := len(in) - shown; more > 0 {
		out = append(out, v.paint(muted, "and "+exact(int64(more))+" more: tokenflexing sources --all"))
	}
	return out
}

// folders lists where a tool keeps its records, or would: one a line.
func (v sources) folders(first string, folders []string) []string {
	if len(folders) == 0 {
		return trimRight([]string{first})
	}
	var out []string
	for _, f := range folders {
		line := first + v.cutMiddle(v.tilde(f), max(10, v.width()-wide(first)))
		out = append(out, line)
		first = strings.Repeat(" ", wide(first))
	}
	return out
}

func (v sources) expiringLines() []string {
	out := v.expiring(v.Expiring)
	command := "tokenflexing connect"
	if v.SignedIn {
		command = "tokenflexing sync"
	}
	if len(out) > 0 && v.suggests(command) && !v.Quiet {
		out = append(out, v.run("  ", command, ""))
	}
	return out
}

func (v sources) markdown() []string {
	v.Width, v.Color = 1<<16, false
	out := []string{"| source | status | reason | files | size | records | newest | tool keeps | path |", "| --- | --- | --- | ---: | ---: | ---: | --- | --- | --- |"}
	for _, t := range v.List {
		cells := []string{t.ID, string(t.Status), t.Reason, exact(int64(t.Files)), size(t.Bytes), exact(t.Records), age(t.Last, v.Now.In(v.Zone)), "", v.path(t.Roots)}
		if t.Status == report.Measured {
			cells[7] = keepsFor(t.DeletesAfterDays)
		}
		for i := range cells {
			cells[i] = escapeMarkdown(clean(cells[i]))
		}
		out = append(out, markdownLine(cells))
	}
	return out
}
