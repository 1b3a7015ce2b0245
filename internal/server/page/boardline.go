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

// amount is the line's number in the metric: tokens, micro-dollars or days.
func (m Metric) amount(l Line) int64 {
	switch m {
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

func (m Metric) value(l Line, class string) template.HTML {
	switch m {
	case ByCost:
		return money(l.Sum, class)
	case ByDays, ByStreak:
		return dayFigure(m.amount(l), class)
	}
	return figure(m.amount(l), class)
}

// besideTokens reports whether tokens stand beside the value; on the other boards cost does.
func (m Metric) besideTokens() bool { return m == ByCost || m == ByDays || m == ByStreak }

// other is what stands beside the value.
func (m Metric) other(l Line) template.HTML {
	switch {
	case m.besideTokens():
		return figure(l.Sum.Kinds.Total(), "")
	case l.Hidden.Cost:
		return notShown
	}
	return money(l.Sum, "")
}

// bar draws the line; length is its own, in thousandths of the longest on the board.
func (m Metric) bar(l Line, length int64) template.HTML {
	switch m {
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
		most = max(most, v.Metric.amount(l))
	}
	return most
}

func (v boardPage) podium(lines []Line, longest int64) []place {
	var places []place
	for i, l := range lines {
		p := place{Class: fmt.Sprintf("p%d", i+1), Rank: rankWords(l.Rank, l.Tied), Handle: l.Handle,
			Own: v.site.Handle == l.Handle, Value: v.Metric.value(l, "pv"), Bar: v.Metric.bar(l, share(v.Metric.amount(l), longest, 1000))}
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
		if v.Metric.besideTokens() || !l.Hidden.Cost {
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
	if v.Metric.besideTokens() {
		return v.Metric.other(l) + " tokens"
	}
	return v.Metric.other(l)
}

// rowOf is all that a row of the listing says and depends on.
type rowOf struct {
	line   Line
	metric Metric
	length int64 // of its bar, in thousandths of the longest
	own    bool
}

func (v boardPage) rows(lines []Line, longest int64) []rowOf {
	rows := make([]rowOf, len(lines))
	for i, l := range lines {
		rows[i] = rowOf{l, v.Metric, share(v.Metric.amount(l), longest, 1000), v.site.Handle == l.Handle}
	}
	return rows
}

func (o rowOf) row() row {
	l := o.line
	r := row{Rank: rankWords(l.Rank, l.Tied), Move: move(l.Rank, l.Before), Moved: l.Before != 0 && l.Before != l.Rank,
		Handle: l.Handle, Own: o.own, Spark: l.Spark.html(),
		Days: exact(int64(l.Days)), DayWords: count(int64(l.Days), "day", "days"), Bar: o.metric.bar(l, o.length),
		Model: usage.BareModel(l.Model), Other: o.metric.other(l), Value: o.metric.value(l, "")}
	if l.Hidden.Days {
		r.Days, r.DayWords = "–", ""
	}
	if o.metric == ByTokens {
		r.BarWords = kindWords(l.Sum.Kinds)
	}
	return r
}
