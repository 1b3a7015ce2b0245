package page

import (
	"fmt"
	"html/template"
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
