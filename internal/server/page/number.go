package page

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"tokenflex.ing/internal/usage"
)

// exact prints n with a comma at each thousand.
func exact(n int64) string {
	s := strconv.FormatInt(max(0, n), 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// short is n to two places, cut and never rounded up, so that nobody seems to have passed a mark they have not:
// 999,999 is 999.99 K. The unit is empty below 1,000, where the digits are exact.
func short(n int64) (digits, unit string) {
	units := [...]struct {
		size int64
		name string
	}{{1e12, "T"}, {1e9, "B"}, {1e6, "M"}, {1e3, "K"}}
	for _, u := range units {
		if n >= u.size {
			hundredths := n % u.size / (u.size / 100)
			return fmt.Sprintf("%d.%02d", n/u.size, hundredths), u.name
		}
	}
	return exact(n), ""
}

// words is short as plain text, for sentences, titles and labels of charts.
func words(n int64) string {
	d, u := short(n)
	return d + u
}

// figure prints a number of tokens short, with its exact value in the title; class may be empty.
func figure(n int64, class string) template.HTML {
	digits, unit := short(n)
	if unit != "" {
		unit = `<span class="u">` + unit + `</span>`
	}
	return template.HTML(fmt.Sprintf(`<data%s value="%d" title="%s">%s%s</data>`, classAttr(class), n, exact(n), digits, unit))
}

func classAttr(class string) string {
	if class == "" {
		return ""
	}
	return ` class="` + class + `"`
}

// The marks of missing prices. Their titles repeat what the page says elsewhere.
const (
	someUnpriced = `<abbr title="Some models have no known price">+?</abbr>`
	allUnpriced  = `<abbr title="No price known for these models: not counted as money">?</abbr>`
	notShown     = `<span aria-hidden="true">–</span><span class="vh">not shown</span>`
)

// dollars prints money cut to cents, from $1,000 to whole dollars, and the smallest amounts as "<$0.01".
func dollars(m usage.Money) string {
	const dollar = 1_000_000
	switch {
	case m > 0 && m < dollar/100:
		return "<$0.01"
	case m < 1000*dollar:
		return fmt.Sprintf("$%d.%02d", max(0, m)/dollar, max(0, m)%dollar/(dollar/100))
	}
	return "$" + exact(int64(m)/dollar)
}

// moneyWords is a sum's cost as plain text: $12.34, $12.34+? where some of it has no price, ? where none has.
func moneyWords(s Sum) string {
	switch {
	case s.Unpriced > 0 && s.Cost == 0:
		return "?"
	case s.Unpriced > 0:
		return dollars(s.Cost) + "+?"
	}
	return dollars(s.Cost)
}

// money is moneyWords with the exact cost in the title, to the micro-dollar.
func money(s Sum, class string) template.HTML {
	if s.Unpriced > 0 && s.Cost == 0 {
		return template.HTML(`<span` + classAttr(class) + `>` + allUnpriced + `</span>`)
	}
	mark := ""
	if s.Unpriced > 0 {
		mark = someUnpriced
	}
	return template.HTML(fmt.Sprintf(`<span%s><data value="%s" title="$%s">%s</data>%s</span>`,
		classAttr(class), s.Cost, s.Cost, strings.Replace(dollars(s.Cost), "<", "&lt;", 1), mark))
}

// percent prints part of whole with one place, cut; whole must be positive.
func percent(part, whole int64) string {
	thousandths := share(part, whole, 1000)
	return fmt.Sprintf("%d.%d%%", thousandths/10, thousandths%10)
}

// share is part of whole in steps of which whole is so many, cut. It does not overflow.
func share(part, whole, steps int64) int64 {
	if whole <= 0 || part <= 0 {
		return 0
	}
	if part >= whole {
		return steps
	}
	for whole > 1<<52 { // keep part*steps within an int64
		part, whole = part>>1, whole>>1
	}
	return part * steps / whole
}

// ordinal prints 1st, 2nd, 3rd, 11th.
func ordinal(n int64) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return exact(n) + suffix
}

// count prints "1 day" and "2 days".
func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return exact(n) + " " + many
}

// dayFigure is a number of days with its unit.
func dayFigure(n int64, class string) template.HTML {
	unit := "days"
	if n == 1 {
		unit = "day"
	}
	return template.HTML(fmt.Sprintf(`<data value="%d"%s>%s<span class="u"> %s</span></data>`, n, classAttr(class), exact(n), unit))
}
