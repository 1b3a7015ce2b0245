package page

import (
	"fmt"
	"html/template"
	"net/url"

	"tokenflex.ing/internal/usage"
)

// boardBody is a Board in words.
type boardBody struct {
	Heading  string
	Facts    []template.HTML // of the label line
	Final    bool
	Prev     *link
	Periods  []link
	Metrics  []link
	Sources  []choice
	Source   string
	Query    url.Values // of the page without its source, for the filter form
	Unfilter string     // the same board without its filter

	Podium  []place
	Open    []int // places of the podium that nobody has yet
	Tape    *tape
	Alone   *alone
	Caption string
	Columns columns
	Rows    []row
	None    bool // nobody is on this board
	Filter  bool // because of the filter, perhaps
	Pin     *pin
	Pages   pages
	Kinds   bool // the bars are split by kind: print the key
}

type choice struct {
	Value    string
	Selected bool
}

// columns names the columns that depend on the metric.
type columns struct{ Bar, Other, Value string }

type pin struct {
	Rank   string
	Handle string
	Gap    []template.HTML
	Value  template.HTML
}

type pages struct {
	First, Next, Own string // addresses; empty: not a link
	NextLabel        string
}

// alone is the only person on a board.
type alone struct {
	Handle string
	Own    bool
	Send   string
}

// firstBody is a board that nobody has ever been on: line 1 is free, the others are blank.
type firstBody struct {
	Heading string
	Blank   []int
}

// boardPage is a Board on its site.
type boardPage struct {
	Board
	site Site
}

func (v Board) sheet(site Site) sheet {
	p := boardPage{v, site}
	s := sheet{Title: v.Period.title(), Nav: PathBoard, JSON: p.twin()}
	if !v.Anybody {
		s.name, s.Title = "first", "Line 1 is free"
		s.Body = firstBody{v.Period.title(), []int{2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}}
		return s
	}
	s.name = "board"
	s.Skip = "Skip to the board"
	s.Description = fmt.Sprintf("%s: %s by %s.", v.Period.title(), count(v.People, "person", "people"), v.Metric)
	s.Body = p.body()
	return s
}

func (v boardPage) body() boardBody {
	b := boardBody{Heading: v.Period.title(), Final: v.Period.over(v.site.Now), Source: v.Source,
		Query: boardQuery(v.periodName(v.Period), v.Metric, "", ""), Columns: v.columns(), Kinds: v.Metric == ByTokens,
		None: v.People == 0, Filter: v.Source != "", Unfilter: v.url(v.Period, v.Metric, "", "")}
	b.Facts = v.facts()
	if v.Prev {
		before := v.Period.before()
		b.Prev = &link{Label: before.title(), URL: v.url(before, v.Metric, v.Source, "")}
	}
	b.Periods, b.Metrics = v.switches()
	for _, s := range v.Sources {
		b.Sources = append(b.Sources, choice{s, s == v.Source})
	}
	lines := v.Lines
	if v.Start <= 1 && len(lines) > 0 {
		n := min(3, len(lines))
		b.Podium, lines = v.podium(lines[:n]), lines[n:]
		for i := n + 1; i <= 3; i++ {
			b.Open = append(b.Open, i)
		}
		b.Tape = v.tape()
		b.Alone = v.alone()
	}
	if len(lines) > 0 {
		from := max(1, v.Start) + int64(len(v.Lines)-len(lines))
		b.Caption = fmt.Sprintf("Lines %s to %s of %s", exact(from), exact(from+int64(len(lines))-1), exact(v.People))
		if len(lines) == 1 {
			b.Caption = fmt.Sprintf("Line %s of %s", exact(from), exact(v.People))
		}
	}
	for _, l := range lines {
		b.Rows = append(b.Rows, v.row(l))
	}
	b.Pin = v.pin()
	b.Pages = v.pages()
	return b
}

func (v boardPage) columns() columns {
	switch v.Metric {
	case ByCost:
		return columns{"To scale", "Tokens", "Cost"}
	case ByOutput:
		return columns{"To scale", "Cost", "Output"}
	}
	return columns{"Kinds, to scale", "Cost", "Tokens"}
}

func (v boardPage) facts() []template.HTML {
	facts := []template.HTML{template.HTML("By " + map[Metric]string{ByCost: "cost", ByOutput: "output"}[v.Metric])}
	if v.Metric == ByTokens || v.Metric == "" {
		facts[0] = "By tokens"
	}
	facts = append(facts, template.HTML(count(v.People, "person", "people")))
	if rest := v.Period.rest(v.site.Now); rest != "" {
		facts = append(facts, template.HTML(rest))
	}
	return append(facts, "as of "+minuteTag(v.site.Now, v.site.Now))
}

// switches are the links to the same board of another span or by another metric. A span leads to its running period.
func (v boardPage) switches() (periods, metrics []link) {
	labels := map[Span]string{Day: "Day", Week: "Week", Month: "Month", Year: "Year", All: "All"}
	for _, s := range []Span{Day, Week, Month, Year, All} {
		periods = append(periods, link{labels[s], boardURL(string(s), v.Metric, v.Source, ""), s == v.Period.Span})
	}
	names := map[Metric]string{ByTokens: "Tokens", ByCost: "Cost", ByOutput: "Output"}
	period := v.periodName(v.Period)
	for _, m := range []Metric{ByTokens, ByCost, ByOutput} {
		metrics = append(metrics, link{names[m], boardURL(period, m, v.Source, ""), m == v.Metric})
	}
	return periods, metrics
}

func (v boardPage) tape() *tape {
	var notes []template.HTML
	if v.People == 1 && v.Lines[0].Handle == v.site.Handle && v.Everybody.Kinds.Total() == v.Lines[0].Sum.Kinds.Total() {
		notes = append(notes, "Everybody is you, so far.")
	}
	t := newTape("Everybody, added up", v.Everybody, append(notes, worth(v.Everybody))...)
	return &t
}

func (v boardPage) alone() *alone {
	if v.People != 1 || v.Source != "" || !v.Period.running(v.site.Now) {
		return nil
	}
	return &alone{Handle: v.Lines[0].Handle, Own: v.Lines[0].Handle == v.site.Handle, Send: v.site.Origin + PathConnect}
}

func (v boardPage) pin() *pin {
	if v.Own == nil {
		return nil
	}
	p := &pin{Rank: rankWords(v.Own.Rank, v.Own.Tied), Handle: v.Own.Handle, Value: v.value(*v.Own, "pv")}
	if s := since(v.Own.Rank, v.Own.Before, v.Period); s != "" {
		p.Gap = append(p.Gap, s)
	}
	if v.Ahead != nil {
		gap := words(v.Ahead.Gap)
		if v.Metric == ByCost {
			gap = dollars(usage.Money(v.Ahead.Gap))
		}
		p.Gap = append(p.Gap, template.HTML(template.HTMLEscapeString(fmt.Sprintf("%s behind %s", gap, exact(v.Ahead.Rank)))))
	}
	return p
}

func (v boardPage) pages() pages {
	var p pages
	if v.Start > 1 {
		p.First = v.url(v.Period, v.Metric, v.Source, "")
	}
	if v.Next != "" {
		from := max(1, v.Start) + int64(len(v.Lines))
		p.Next = v.url(v.Period, v.Metric, v.Source, v.Next)
		p.NextLabel = fmt.Sprintf("Lines %s to %s", exact(from), exact(min(v.People, from+int64(len(v.Lines))-1)))
	}
	if v.OwnPage != "" {
		p.Own = v.url(v.Period, v.Metric, v.Source, v.OwnPage)
	}
	return p
}
