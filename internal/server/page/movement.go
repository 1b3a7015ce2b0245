package page

import (
	"fmt"
	"html/template"
	"strings"
)

// move draws how a rank changed since the period before: up, down, same or new; nothing if before is 0.
func move(rank, before int64) template.HTML {
	switch {
	case before == 0:
		return ""
	case before < 0:
		return `<span class="up">new</span>`
	case before == rank:
		return `<span aria-hidden="true">·</span><span class="vh">same rank</span>`
	case before > rank:
		return moved("up", "↑", before-rank)
	}
	return moved("dn", "↓", rank-before)
}

func moved(class, arrow string, places int64) template.HTML {
	word := map[string]string{"up": "up", "dn": "down"}[class]
	return template.HTML(fmt.Sprintf(`<span class="%s"><span aria-hidden="true">%s</span><span class="vh">%s </span>%s</span>`,
		class, arrow, word, exact(places)))
}

// since says the same in words: "↑12 since October".
func since(rank, before int64, p Period) template.HTML {
	switch {
	case before == 0 || p.Span == All:
		return ""
	case before < 0:
		return template.HTML("first " + string(p.Span))
	case before == rank:
		return template.HTML("same place as in " + p.before().brief())
	}
	return move(rank, before) + template.HTML(" since "+p.before().brief())
}

// rankWords prints a rank, with "=" behind a shared one.
func rankWords(rank int64, tied bool) string {
	if tied {
		return exact(rank) + "="
	}
	return exact(rank)
}

// spark draws tokens of days as bars, the oldest left.
func spark(tokens []int64) template.HTML {
	most := int64(1)
	for _, n := range tokens {
		most = max(most, n)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="spark" viewBox="0 0 %d 20" preserveAspectRatio="none" aria-hidden="true"><path d="`, 3*max(1, len(tokens)))
	for i, n := range tokens {
		if n > 0 {
			fmt.Fprintf(&b, "M%d 20V%.1f", i*3+1, 20-max(1.5, float64(n)/float64(most)*18.5))
		}
	}
	b.WriteString(`"/></svg>`)
	return template.HTML(b.String())
}
