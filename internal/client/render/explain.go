package render

import (
	"io"
	"path/filepath"
	"strings"
	"time"

	"tokenflex.ing/internal/client/report"
	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/usage"
)

// WriteExplained writes how a day's figures came about. Paths are shortened below home.
func WriteExplained(w io.Writer, f Format, e *report.Explained, home string, s Style) error {
	if f == JSON {
		return writeJSON(w, explainedJSON(e))
	}
	var out []string
	for i, of := range e.Sources {
		if i > 0 {
			out = append(out, "")
		}
		out = append(out, explained{s, e, of, home}.text()...)
	}
	if len(e.Sources) > 1 {
		out = append(append(out, ""), s.wrap("all      ", explainIndent, plural(int64(len(e.Sources)), "source")+", "+exact(e.Totals.Tokens.Total())+" tokens, "+exactMoney(e.Totals)+s.shown(e.Totals))...)
	}
	if len(e.Sources) == 0 {
		out = append(s.headline(dayName(e), e.Zone.String()), "", "No usage on this day.")
	}
	return writeLines(w, trimRight(out))
}

func dayName(e *report.Explained) string {
	d, err := time.Parse(time.DateOnly, e.Date)
	if err != nil {
		return e.Date
	}
	return d.Format("Mon 2 Jan 2006")
}

// exactMoney is an amount to the micro-dollar, with the mark for what has no price.
func exactMoney(sums report.Sums) string {
	sign := mark(sums.Priced(), sums.Unpriced)
	if sign == "?" {
		return sign
	}
	return "$" + sums.Cost.String() + sign
}

// shown is the same amount as reports show it, where that is not in dollars.
func (s Style) shown(sums report.Sums) string {
	if s.Currency.dollar() || sums.Cost == 0 {
		return ""
	}
	return ", " + s.moneyMarked(sums.Cost, sums.Priced(), sums.Unpriced)
}

// explained is one source of it on its way to the terminal.
type explained struct {
	Style
	day  *report.Explained
	of   report.ExplainedSource
	home string
}

const explainIndent = "         "

func (v explained) text() []string {
	out := v.headline(clean(v.of.Source)+" on "+dayName(v.day), v.day.Zone.String())
	out = append(append(out, ""), v.files()...)
	out = append(out, v.records()...)
	for _, l := range v.of.Lines {
		out = append(out, v.line(l)...)
	}
	if len(v.of.Lines) > 1 || !v.Currency.dollar() {
		out = append(out, v.wrap("sum      ", explainIndent, plural(int64(len(v.of.Lines)), "price")+" of "+exact(v.of.Requests)+" requests: "+
			exact(v.of.Tokens.Total())+" tokens, "+exactMoney(v.of.Sums)+v.shown(v.of.Sums))...)
	}
	return append(out, v.server()...)
}

func (v explained) files() []string {
	if len(v.of.Files) == 0 {
		return []string{"files    0"}
	}
	var bytes int64
	for _, f := range v.of.Files {
		bytes += f.Bytes
	}
	head := "files    " + exact(int64(len(v.of.Files))) + ", " + size(bytes)
	name := clean(v.of.Files[0].Name)
	if rest, ok := strings.CutPrefix(name, v.home+string(filepath.Separator)); ok && len(v.home) > 1 {
		name = "~" + string(filepath.Separator) + rest
	}
	more := ""
	if n := len(v.of.Files) - 1; n > 0 {
		more = ", " + exact(int64(n)) + " more"
	}
	out := []string{head, explainIndent + v.cutMiddle(name, max(12, v.width()-len(explainIndent)-wide(more))) + more}
	if room := v.width() - wide(head) - 4 - wide(more); room >= leastPath {
		out = []string{head + "    " + v.cutMiddle(name, room) + more}
	}
	return append(out, v.gone()...)
}

// gone says how many of the files are no longer there.
func (v explained) gone() []string {
	n := 0
	for _, f := range v.of.Files {
		if f.Gone {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return v.wrap(explainIndent, explainIndent, plural(int64(n), "file")+" deleted by the tool, kept in the ledger")
}

func (v explained) records() []string {
	out := []string{"records  " + exact(v.of.Kept) + " kept of " + exact(v.of.Told)}
	width := 0
	for _, d := range v.of.Dropped {
		width = max(width, wide(exact(d.N)))
	}
	for _, d := range v.of.Dropped {
		n := exact(d.N)
		head := explainIndent + strings.Repeat(" ", width-wide(n)) + n + " dropped    "
		out = append(out, v.wrap(head, strings.Repeat(" ", len(explainIndent)+width+1), clean(d.Reason))...)
	}
	return out
}

// line multiplies the tokens of one key by its price.
func (v explained) line(l report.ExplainedLine) []string {
	var out []string
	if len(v.of.Lines) > 1 {
		out = append(out, "", "model    "+v.paint(strong, v.cutEnd(keyName(l.Key), v.width()-len(explainIndent))))
	}
	out = append(out, v.kinds(l)...)
	switch {
	case !l.Priced && l.Reason != "":
		return append(out, v.wrap("price    ", explainIndent, name(l.Model)+" has no price in book "+v.day.PriceBook+", counted, not costed: "+clean(l.Reason))...)
	case !l.Priced:
		return append(out, v.wrap("price    ", explainIndent, name(l.Model)+" is not in book "+v.day.PriceBook+": counted, not costed")...)
	case l.Known:
		text := l.Match.ID + " since " + l.Match.From + ", " + rule(l.Match)
		if l.Match.Early {
			text += ", used before that day too"
		}
		out = append(out, v.wrap("price    ", explainIndent, clean(text+", per 1M"))...)
	}
	if l.Mine {
		out = append(out, v.wrap(map[bool]string{true: explainIndent, false: "price    "}[l.Known], explainIndent, "your own rate: "+clean(ownRate(l.Own)))...)
	}
	return append(out, v.wrap(explainIndent, explainIndent, "book "+v.day.PriceBook+", rounded once per day")...)
}

// rule is the rule that led to the entry, in words.
func rule(m pricing.Match) string {
	switch m.Rule {
	case pricing.Exact:
		return "exact name"
	case pricing.Alias:
		return "by another name of it"
	}
	return "written as " + strings.Join(m.Forms, " in ")
}

// keyName is the model, with what else its price depends on.
func keyName(k usage.Key) string {
	text := name(k.Model)
	if k.Band > 0 {
		text += ", prompt over " + units(int64(k.Band))
	}
	if k.Tier != usage.Standard && k.Tier != "" {
		text += ", " + string(k.Tier)
	}
	return text
}

// kinds is the multiplication: tokens times rate, a line for each kind.
func (v explained) kinds(l report.ExplainedLine) []string {
	label := &column{id: "kind", lower: "", left: true}
	count, times, rate, equals, cost := &column{id: "count"}, &column{id: "times", gap: 3}, &column{id: "rate"}, &column{id: "equals"}, &column{id: "cost"}
	add := func(texts ...string) {
		for i, c := range []*column{label, count, times, rate, equals, cost} {
			one := cell{text: texts[i]}
			if c == cost {
				one.role = money
			}
			c.cells = append(c.cells, one)
		}
	}
	for _, k := range l.Kinds() {
		if l.Priced {
			add(k.Kind, exact(k.Tokens), "x", rateText(k.Rate), "=", "$"+k.Cost().String())
		} else {
			add(k.Kind, exact(k.Tokens), "", "", "", "")
		}
	}
	total := exact(l.Tokens.Total())
	figure := "?"
	if l.Priced {
		figure = "$" + l.Cost.String()
	}
	add("total", total, "", "", "", figure)
	t := &table{columns: []*column{label, count, times, rate, equals, cost}, drops: [][]string{{"times", "rate", "equals"}}, footers: 1}
	t.fit(v.width() - len(explainIndent))
	lines := t.lines(v.Style)
	for i := range lines {
		lines[i] = explainIndent + lines[i]
	}
	if len(lines) > 0 {
		lines[0] = "tokens   " + strings.TrimPrefix(lines[0], explainIndent)
	}
	reasoning := "–"
	if l.Tokens.Reasoning > 0 {
		reasoning = "(" + exact(l.Tokens.Reasoning) + ")"
	}
	_, widths, _ := t.shown()
	pad := widths[0] + 2 + widths[1]
	of := "of it reasoning"
	return append(lines, explainIndent+of+strings.Repeat(" ", max(1, pad-len(of)-wide(reasoning)))+v.draw(reasoning))
}

func (v explained) server() []string {
	s := v.of.Server
	if s == nil {
		return nil
	}
	there := exact(s.There.Tokens.Total()) + " tokens, " + exactMoney(s.There)
	on := ""
	if s.Date != v.day.Date || v.day.Zone != time.UTC {
		on = " on " + s.Date + " UTC"
	}
	text := clean(s.Site) + " has " + there + on
	switch {
	case s.There.Requests == 0 && s.There.Tokens.IsZero():
		text = clean(s.Site) + " has nothing" + on + "; this machine has " + exact(s.Here.Tokens.Total()) + " tokens"
	case s.There.Tokens == s.Here.Tokens && s.There.Cost == s.Here.Cost && s.There.Unpriced == s.Here.Unpriced:
		text = "equal" + on + ": " + there
	case s.There.Tokens == s.Here.Tokens:
		text += "; the tokens are equal, this machine's book says " + exactMoney(s.Here)
	default:
		text += "; this machine has " + exact(s.Here.Tokens.Total()) + " tokens, " + exactMoney(s.Here)
	}
	return v.wrap("server   ", explainIndent, text)
}
