package page

import (
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"

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
	Families []choice
	Filtered string     // what is asked for, in words; empty: everything
	Query    url.Values // of the page without its filter, for the form
	Unfilter string     // the same board without its filter

	Podium  []place
	Open    []int // places of the podium that nobody has yet
	Tape    *tape
	Alone   *alone
	Caption string
	Columns columns
	Rows    []rowOf
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
	s.Description = fmt.Sprintf("%s: %s by %s.", v.Period.title(), count(v.People, "person", "people"), strings.ReplaceAll(string(v.Metric), "_", " "))
	s.Body = p.body()
	return s
}

func (v boardPage) body() boardBody {
	b := boardBody{Heading: v.Period.title(), Final: v.Final, Filtered: filterWords(v.Source, v.Family),
		Query: boardQuery(v.periodName(v.Period), v.Metric, filter{}, ""), Columns: v.columns(), Kinds: v.Metric == ByTokens,
		None: v.People == 0, Filter: v.filter() != filter{}, Unfilter: v.url(v.Period, v.Metric, filter{}, "")}
	b.Facts = v.facts()
	if v.Prev {
		before := v.Period.before()
		b.Prev = &link{Label: before.title(), URL: v.url(before, v.Metric, v.filter(), "")}
	}
	b.Periods, b.Metrics = v.switches()
	b.Sources, b.Families = choices(v.Sources, v.Source), choices(v.Families, v.Family)
	lines, longest := v.Lines, v.longest()
	if v.Start <= 1 && len(lines) > 0 {
		n := min(3, len(lines))
		b.Podium, lines = v.podium(lines[:n], longest), lines[n:]
		for i := n + 1; i <= 3; i++ {
			b.Open = append(b.Open, i)
		}
		if v.Everybody != nil {
			b.Tape = v.tape()
		}
		b.Alone = v.alone()
	}
	if len(lines) > 0 {
		from := max(1, v.Start) + int64(len(v.Lines)-len(lines))
		b.Caption = fmt.Sprintf("Lines %s to %s of %s", exact(from), exact(from+int64(len(lines))-1), exact(v.People))
		if len(lines) == 1 {
			b.Caption = fmt.Sprintf("Line %s of %s", exact(from), exact(v.People))
		}
	}
	b.Rows = v.rows(lines, longest)
	b.Pin = v.pin()
	b.Pages = v.pages()
	return b
}

// choices are the options of one filter, the chosen one among them even if nothing has it.
func choices(all []string, chosen string) []choice {
	if chosen != "" && !slices.Contains(all, chosen) {
		all = append(slices.Clone(all), chosen)
	}
	options := make([]choice, len(all))
	for i, value := range all {
		options[i] = choice{value, value == chosen}
	}
	return options
}

func filterWords(source, family string) string {
	switch {
	case source != "" && family != "":
		return source + " with " + family
	}
	return source + family
}

func (v boardPage) columns() columns {
	switch v.Metric {
	case ByDays:
		return columns{"To scale", "Tokens", "Active days"}
	case ByStreak:
		return columns{"To scale", "Tokens", "In a row"}
	case ByCost:
		return columns{"To scale", "Tokens", "Cost"}
	case ByOutput:
		return columns{"To scale", "Cost", "Output"}
	}
	return columns{"Kinds, to scale", "Cost", "Tokens"}
}

func (v boardPage) facts() []template.HTML {
	by := map[Metric]template.HTML{ByCost: "By cost", ByOutput: "By output", ByDays: "By active days", ByStreak: "By days in a row"}[v.Metric]
	if by == "" {
		by = "By tokens"
	}
	facts := []template.HTML{by}
	facts = append(facts, template.HTML(count(v.People, "person", "people")))
	if rest := v.Period.rest(v.site.Now); rest != "" {
		facts = append(facts, template.HTML(rest))
	}
	return append(facts, "as of "+minuteTag(v.AsOf, v.site.Now))
}

// switches are the links to the same board of another span or by another metric. A span leads to its running period.
func (v boardPage) switches() (periods, metrics []link) {
	labels := map[Span]string{Day: "Day", Week: "Week", Month: "Month", Year: "Year", All: "All", Days7: "7 days", Days30: "30 days"}
	for _, s := range []Span{Day, Week, Month, Year, All, Days7, Days30} {
		periods = append(periods, link{labels[s], boardURL(string(s), v.Metric, v.filter(), ""), s == v.Period.Span})
	}
	names := map[Metric]string{ByTokens: "Tokens", ByCost: "Cost", ByOutput: "Output", ByDays: "Days", ByStreak: "Streak"}
	period := v.periodName(v.Period)
	for _, m := range []Metric{ByTokens, ByCost, ByOutput, ByDays, ByStreak} {
		metrics = append(metrics, link{names[m], boardURL(period, m, v.filter(), ""), m == v.Metric})
	}
	return periods, metrics
}

func (v boardPage) tape() *tape {
	var notes []template.HTML
	if v.People == 1 && v.Lines[0].Handle == v.site.Handle && v.Everybody.Kinds.Total() == v.Lines[0].Sum.Kinds.Total() {
		notes = append(notes, "Everybody is you, so far.")
	}
	t := newTape("Everybody, added up", *v.Everybody, append(notes, worth(*v.Everybody))...)
	return &t
}

func (v boardPage) alone() *alone {
	if v.People != 1 || v.filter() != (filter{}) || !v.Period.running(v.site.Now) {
		return nil
	}
	return &alone{Handle: v.Lines[0].Handle, Own: v.Lines[0].Handle == v.site.Handle, Send: v.site.Origin + PathConnect}
}

func (v boardPage) pin() *pin {
	if v.Own == nil {
		return nil
	}
	p := &pin{Rank: rankWords(v.Own.Rank, v.Own.Tied), Handle: v.Own.Handle, Value: v.Metric.value(*v.Own, "pv")}
	if s := since(v.Own.Rank, v.Own.Before, v.Period); s != "" {
		p.Gap = append(p.Gap, s)
	}
	if v.Ahead != nil {
		gap := words(v.Ahead.Gap)
		switch v.Metric {
		case ByCost:
			gap = dollars(usage.Money(v.Ahead.Gap))
		case ByDays, ByStreak:
			gap = count(v.Ahead.Gap, "day", "days")
		}
		p.Gap = append(p.Gap, template.HTML(template.HTMLEscapeString(fmt.Sprintf("%s behind %s", gap, exact(v.Ahead.Rank)))))
	}
	return p
}

func (v boardPage) pages() pages {
	var p pages
	if v.Start > 1 {
		p.First = v.url(v.Period, v.Metric, v.filter(), "")
	}
	if v.Next != "" {
		from := max(1, v.Start) + int64(len(v.Lines))
		p.Next = v.url(v.Period, v.Metric, v.filter(), v.Next)
		p.NextLabel = fmt.Sprintf("Lines %s to %s", exact(from), exact(min(v.People, from+int64(len(v.Lines))-1)))
	}
	if v.OwnPage != "" {
		p.Own = v.url(v.Period, v.Metric, v.filter(), v.OwnPage)
	}
	return p
}
