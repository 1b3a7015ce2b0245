package page

import (
	"fmt"
	"html/template"
	"time"

	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

// Repricings is the public log of what changed when the server's price book did.
type Repricings struct{ Log []Repricing }

// Repricing is one change of the book, the latest first.
type Repricing struct {
	From     []string // dates of the books before
	To       string   // date of the book
	Started  time.Time
	Finished time.Time // zero: it goes on
	Accounts int64     // whose rows were priced again
	Moved    int64     // of those, whose cost changed
	Models   []string
	Lines    []RepricedLine // of public accounts that show their cost
}

// RepricedLine is one public account that moved.
type RepricedLine struct {
	Handle      string
	Before, Now usage.Money
}

type repricingsBody struct{ Log []repricingBody }

type repricingBody struct {
	ID    string
	Title template.HTML
	About string
	Going bool
	Rows  []repricedRow
}

type repricedRow struct {
	Handle               string
	Before, Now, Changed string
}

func (v Repricings) sheet(Site) sheet {
	b := repricingsBody{}
	for i, r := range v.Log {
		e := repricingBody{ID: fmt.Sprintf("r%d", i+1), Going: r.Finished.IsZero(),
			Title: template.HTML(fmt.Sprintf(`<time datetime="%s">%s</time>`, template.HTMLEscapeString(r.To), template.HTMLEscapeString(r.To)))}
		e.About = fmt.Sprintf("From the book of %s. %s priced again, of which the cost of %s changed. Models: %s.", listWords(r.From),
			count(r.Accounts, "account", "accounts"), exact(r.Moved), listWords(bareModels(r.Models)))
		if len(r.Models) == 0 {
			e.About = fmt.Sprintf("From the book of %s. %s priced again; no cost changed.", listWords(r.From), count(r.Accounts, "account", "accounts"))
		}
		for _, l := range r.Lines {
			row := repricedRow{Handle: l.Handle, Before: dollars(l.Before), Now: dollars(l.Now), Changed: "+" + dollars(l.Now-l.Before)}
			if l.Now < l.Before {
				row.Changed = "−" + dollars(l.Before-l.Now)
			}
			e.Rows = append(e.Rows, row)
		}
		b.Log = append(b.Log, e)
	}
	return sheet{name: "repricings", Title: "When prices changed", JSON: wire.PathRepricings, Body: b}
}
