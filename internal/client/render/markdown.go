package render

import (
	"strings"

	"tokenflex.ing/internal/client/report"
)

// reportMarkdown is the report's table with every column and exact figures, to paste where Markdown is read.
func reportMarkdown(r *report.Report, s Style) []string {
	v := newView(r, s)
	v.Color, v.Width, v.repeat = false, 1<<16, true
	out := append([]string{"**" + escapeMarkdown(strings.Join(v.title(""), ", ")) + "**", ""}, v.grid()...)
	var notes []string
	for _, note := range append(v.plans(), v.unpriced()...) {
		notes = append(notes, strings.TrimSpace(note))
	}
	if len(notes) > 0 {
		out = append(out, "", escapeMarkdown(strings.Join(notes, "; ")))
	}
	return out
}

func (v view) grid() []string {
	if len(v.Rows) == 0 {
		return v.nothing()
	}
	t := v.table()
	t.units = v.Compact
	var heads, under []string
	for _, c := range t.columns {
		_, head := t.heading(c)
		heads = append(heads, head)
		if c.left {
			under = append(under, "---")
		} else {
			under = append(under, "---:")
		}
	}
	out := []string{markdownLine(heads), markdownLine(under)}
	body := make([]string, t.height())
	inHalves(len(body), func(_, from, to int) {
		cells := make([]string, len(t.columns))
		for r := from; r < to; r++ {
			for i, c := range t.columns {
				one := t.at(c, r)
				cells[i] = escapeMarkdown(one.text + one.mark)
			}
			body[r] = markdownLine(cells)
		}
	})
	return append(out, body...)
}

func markdownLine(cells []string) string { return "| " + strings.Join(cells, " | ") + " |" }

var markdownSigns = strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", "[", `\[`, "]", `\]`)

// escapeMarkdown keeps names from being read as markup.
func escapeMarkdown(text string) string { return markdownSigns.Replace(text) }
