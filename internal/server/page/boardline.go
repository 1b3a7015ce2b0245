package page

import (
	"fmt"
	"html/template"

	"tokenflex.ing/internal/usage"
)

// place is one of the first three.
type place struct {
	Class  string
	Rank   string
	Handle string
	Own    bool
	Value  template.HTML
	Bar    template.HTML
	Facts  []template.HTML
}

// row is a line of the listing.
type row struct {
	Rank     string
	Move     template.HTML
	Moved    bool
	Handle   string
	Own      bool
	Spark    template.HTML
	Days     string
	DayWords string // empty: not shown
	Bar      template.HTML
	BarWords string
	Model    string
	Other    template.HTML // tokens on boards by cost and by days, cost on the others
	Value    template.HTML
}

// amount is the line's number in the board's metric: tokens or micro-dollars.
func (v boardPage) amount(l Line) int64 {
	switch v.Metric {
	case ByCost:
		return int64(l.Sum.Cost)
	case ByOutput:
		return l.Sum.Kinds.Output
	case ByDays:
		return int64(l.Days)
	case ByStreak:
		return int64(l.Streak)
	}
	return l.Sum.Kinds.Total()
}

func (v boardPage) value(l Line, class string) template.HTML {
	switch v.Metric {
	case ByCost:
		return money(l.Sum, class)
	case ByDays, ByStreak:
		return dayFigure(v.amount(l), class)
	}
	return figure(v.amount(l), class)
}

// besideTokens reports whether tokens stand beside the value; on the other boards cost does.
func (v boardPage) besideTokens() bool {
	return v.Metric == ByCost || v.Metric == ByDays || v.Metric == ByStreak
}

// other is what stands beside the value.
func (v boardPage) other(l Line) template.HTML {
	switch {
	case v.besideTokens():
		return figure(l.Sum.Kinds.Total(), "")
	case l.Hidden.Cost:
		return notShown
	}
	return money(l.Sum, "")
}

// bar is the line's length beside the longest on the board.
func (v boardPage) bar(l Line) template.HTML {
	length := share(v.amount(l), v.longest(), 1000)
	switch v.Metric {
	case ByCost:
		return plainBar("k4", length)
	case ByOutput:
		return plainBar("k5", length)
	case ByDays, ByStreak:
		return plainBar("k3", length)
	}
	return kindBar(l.Sum.Kinds, length)
}

// longest is the amount that bars are drawn to: the leader's, whatever page this is.
func (v boardPage) longest() int64 {
	most := v.Leader
	for _, l := range v.Lines {
		most = max(most, v.amount(l))
	}
	return most
}

func (v boardPage) podium(lines []Line) []place {
	var places []place
	for i, l := range lines {
		p := place{Class: fmt.Sprintf("p%d", i+1), Rank: rankWords(l.Rank, l.Tied), Handle: l.Handle,
			Own: v.site.Handle == l.Handle, Value: v.value(l, "pv"), Bar: v.bar(l)}
		if s := since(l.Rank, l.Before, v.Period); s != "" {
			p.Facts = append(p.Facts, s)
		}
		if passed := v.Period.passed(v.site.Now); v.Metric == ByDays || l.Hidden.Days {
			// the value says it, or nothing does
		} else if passed > 1 {
			p.Facts = append(p.Facts, template.HTML(fmt.Sprintf("%d of %s", l.Days, count(int64(passed), "day", "days"))))
		} else if v.Period.Span == All {
			p.Facts = append(p.Facts, template.HTML(count(int64(l.Days), "day", "days")))
		}
		if v.besideTokens() || !l.Hidden.Cost {
			p.Facts = append(p.Facts, v.otherWords(l))
		}
		if l.Model != "" {
			p.Facts = append(p.Facts, "mostly "+template.HTML(template.HTMLEscapeString(usage.BareModel(l.Model))))
		}
		places = append(places, p)
	}
	return places
}

func (v boardPage) otherWords(l Line) template.HTML {
	if v.besideTokens() {
		return v.other(l) + " tokens"
	}
	return v.other(l)
}

func (v boardPage) row(l Line) row {
	r := row{Rank: rankWords(l.Rank, l.Tied), Move: move(l.Rank, l.Before), Moved: l.Before != 0 && l.Before != l.Rank,
		Handle: l.Handle, Own: v.site.Handle == l.Handle, Spark: spark(l.Spark),
		Days: exact(int64(l.Days)), DayWords: count(int64(l.Days), "day", "days"), Bar: v.bar(l),
		Model: usage.BareModel(l.Model), Other: v.other(l), Value: v.value(l, "")}
	if l.Hidden.Days {
		r.Days, r.DayWords = "–", ""
	}
	if v.Metric == ByTokens {
		r.BarWords = kindWords(l.Sum.Kinds)
	}
	return r
}
