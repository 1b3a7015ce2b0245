package page

import (
	"fmt"
	"html/template"
	"strings"

	"tokenflex.ing/internal/usage"
)

// kind is one kind of token with its count.
type kind struct {
	Slot   int // 1 to 5, of the colour
	Name   string
	Tokens int64
}

// kinds lists the kinds of token from cheap to dear, the one order of every page.
func kinds(t usage.Tokens) []kind {
	return []kind{
		{1, "Cache read", t.CacheRead},
		{2, "Input", t.Input},
		{3, "Cache write 5m", t.CacheWrite5m},
		{4, "Cache write 1h", t.CacheWrite1h},
		{5, "Output", t.Output},
	}
}

// swatch is the square of a colour class beside its name.
func swatch(class string) template.HTML {
	return template.HTML(`<svg class="sw" aria-hidden="true"><rect class="` + class + `" width="100%" height="100%"/></svg>`)
}

// kindBar draws tokens split by kind; thousandths is its length, of the longest bar shown.
func kindBar(t usage.Tokens, thousandths int64) template.HTML {
	var b strings.Builder
	b.WriteString(`<svg class="kb" aria-hidden="true">`)
	total, x := float64(t.Total()), 0.0
	for _, k := range kinds(t) {
		if k.Tokens == 0 {
			continue
		}
		w := float64(k.Tokens) / total * float64(thousandths) / 10
		if w >= .25 { // narrower than a gap is not to be seen
			fmt.Fprintf(&b, `<rect class="k%d" x="%.2f%%" width="%.2f%%" height="100%%"/>`, k.Slot, x, max(w-.18, .2))
		}
		x += w
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

// plainBar draws one length in the colour of a class.
func plainBar(class string, thousandths int64) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg class="kb" aria-hidden="true"><rect class="%s" width="%d.%d%%" height="100%%"/></svg>`,
		class, thousandths/10, thousandths%10))
}

// kindWords says what kindBar shows.
func kindWords(t usage.Tokens) string {
	var parts []string
	for _, k := range kinds(t) {
		parts = append(parts, strings.ToLower(k.Name)+" "+percent(k.Tokens, t.Total()))
	}
	return strings.Join(parts, ", ")
}

// tape is a sum that adds up: exact integers, all kinds, a double rule below.
type tape struct {
	Title string
	Rows  []kind
	Total int64
	Notes []template.HTML
}

func newTape(title string, s Sum, notes ...template.HTML) tape {
	return tape{title, kinds(s.Kinds), s.Kinds.Total(), notes}
}

// worth says what a sum costs and how much of it has a price.
func worth(s Sum) template.HTML {
	total := s.Kinds.Total()
	switch {
	case total == 0:
		return ""
	case s.Unpriced == 0:
		return "Worth " + money(s, "") + " at list price."
	case s.Unpriced >= total:
		return "None of these tokens has a known price."
	}
	return "Worth " + money(s, "") + template.HTML(" at list price. "+percent(total-s.Unpriced, total)+" of the tokens have a known price.")
}
