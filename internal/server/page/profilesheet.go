package page

import (
	"fmt"
	"html/template"
	"strconv"
	"time"

	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

// profileBody is a Profile in words.
type profileBody struct {
	Handle     string
	Name       string
	Owner      bool
	Visibility string
	Punch      template.HTML
	Standing   []template.HTML
	Review     *review
	Stats      []stat
	New        bool   // nothing was ever synced
	Device     string // that could sync
	Years      []link
	Card       *yearCard
	Weekly     bool // exact days are not shown: there is no card
	Splits     []*split
	Costs      *costs
	Tape       *tape
	Records    []stat
	Show       *show
}

// show is what shows the profile elsewhere. It is there while anybody may see it.
type show struct {
	Picture, Rank, Tokens string // addresses of the card and of two badges
	Month                 string
	Markdown, Link        string // whole addresses, for a README and for anywhere
}

// stat is one figure with its label above and its condition below.
type stat struct {
	Label string
	Value template.HTML
	Note  template.HTML
}

// review says which days wait.
type review struct {
	Title string
	Days  []template.HTML
}

func (v Profile) sheet(site Site) sheet {
	s := sheet{name: "profile", Title: v.Handle, Nav: PathProfile + v.Handle, JSON: wire.PathUsers + v.Handle,
		Description: fmt.Sprintf("%s: %s tokens.", v.Handle, words(v.Total.Kinds.Total())), Private: v.Owner && v.Visibility != Public}
	if s.Private {
		s.JSON = ""
	} else if v.Total.Kinds.Total() > 0 {
		s.Picture = v.picture()
	}
	s.Body = v.body(site)
	return s
}

func (v Profile) body(site Site) profileBody {
	hidden := v.Hidden
	if v.Owner {
		hidden = Hidden{}
	}
	b := profileBody{Handle: v.Handle, Name: v.Name, Owner: v.Owner, Visibility: visibilityWords(v.Visibility), Punch: punched(v.Handle),
		Standing: v.standing(), Device: v.Device, Stats: v.stats(site.Now, hidden), New: v.Total.Kinds.Total() == 0 && len(v.Held) == 0}
	var held []HeldDay
	if v.Owner {
		held = v.Held
		b.Review = reviewOf(held, site.Now)
	}
	if b.New {
		return b
	}
	for _, y := range v.Years {
		b.Years = append(b.Years, link{strconv.Itoa(y), fmt.Sprintf("%s%s?year=%d", PathProfile, v.Handle, y), y == v.Year})
	}
	b.Card = newYearCard(v.Year, v.Days, held, site.Now)
	b.Weekly = hidden.Days
	b.Splits = v.splits(hidden, site.Now)
	if !hidden.Cost {
		b.Costs = newCosts(v.Year, v.Days, site.Now)
	}
	b.Tape = v.tape(hidden)
	b.Records = v.records(b.Card, hidden, site.Now)
	if !v.Owner || v.Visibility == Public {
		b.Show = v.show(site)
	}
	return b
}

func (v Profile) picture() string { return PathCard + v.Handle + ".png" }

func (v Profile) show(site Site) *show {
	badge, link := PathBadge+v.Handle+".svg", site.Origin+PathProfile+v.Handle
	return &show{Picture: v.picture(), Rank: badge, Tokens: badge + "?metric=" + string(FigureTokens), Month: site.Now.UTC().Format("January"),
		Markdown: fmt.Sprintf("[![tokens](%s%s)](%s)", site.Origin, badge, link), Link: link}
}

func visibilityWords(v Visibility) string {
	switch v {
	case Public:
		return "Public"
	case Aggregate:
		return "Aggregate only"
	}
	return "Private"
}

// standing is one sentence on the place of the profile.
func (v Profile) standing() []template.HTML {
	if v.Standing == nil {
		switch {
		case v.Total.Kinds.Total() == 0:
			return []template.HTML{"No rank yet: nothing has been synced."}
		case v.Owner && v.Visibility == Private:
			return []template.HTML{"On no board: nobody but you sees this page."}
		case v.Owner && v.Visibility == Aggregate:
			return []template.HTML{"On no board: your counts join sums, your name appears nowhere."}
		}
		return []template.HTML{"On no board this month."}
	}
	s := v.Standing
	place := ordinal(s.Rank)
	if s.Tied {
		place = "Shared " + place
	}
	sentence := template.HTML(fmt.Sprintf("<b>%s</b> of %s in %s with %s tokens", place, exact(s.Of), s.Period.title(), words(s.Tokens)))
	if moved := since(s.Rank, s.Before, s.Period); moved != "" {
		sentence += ", " + moved
	}
	return []template.HTML{sentence + "."}
}

// stats are the figures of all time: the same numbers as the API's.
func (v Profile) stats(now time.Time, hidden Hidden) []stat {
	total := v.Total.Kinds.Total()
	stats := []stat{{"Tokens, all time", figure(total, ""), template.HTML(exact(total))}}
	if total == 0 {
		stats[0].Note = "waiting for the first sync"
	}
	if !hidden.Cost && total > 0 {
		note := template.HTML("all priced")
		if v.Total.Unpriced > 0 {
			note = template.HTML(percent(total-v.Total.Unpriced, total) + " of tokens priced")
		}
		stats = append(stats, stat{"Cost at list price", money(v.Total, ""), note})
	}
	if prompt := v.Total.Kinds.Prompt(); prompt > 0 {
		stats = append(stats, stat{"Cache hits", template.HTML(percent(v.Total.Kinds.CacheRead, prompt)), "of all prompt tokens"})
	}
	if hidden.Days {
		return stats
	}
	active := stat{"Active days", template.HTML(exact(int64(v.ActiveDays))), ""}
	if !v.FirstDay.IsZero() {
		active.Note = "since " + dayTag(v.FirstDay, now)
	}
	return append(stats, active, dayStat("Current streak", v.Streak), dayStat("Longest streak", v.BestStreak))
}

func dayStat(label string, n int) stat {
	unit := template.HTML("days")
	if n == 1 {
		unit = "day"
	}
	return stat{label, template.HTML(exact(int64(n))), unit}
}

func reviewOf(held []HeldDay, now time.Time) *review {
	if len(held) == 0 {
		return nil
	}
	r := &review{Title: count(int64(len(held)), "day", "days") + " under review"}
	for _, h := range held[:min(len(held), 3)] {
		line := fmt.Sprintf(": %s reported %s tokens, %s", h.Source, words(h.Tokens), h.Reason)
		if h.Line > 0 {
			line += fmt.Sprintf(" (the line is %s)", words(h.Line))
		}
		r.Days = append(r.Days, dayTag(date(h.Day), now)+template.HTML(template.HTMLEscapeString(line)))
	}
	if more := len(held) - 3; more > 0 {
		r.Days = append(r.Days, template.HTML(count(int64(more), "more day", "more days")))
	}
	return r
}

func (v Profile) splits(hidden Hidden, now time.Time) []*split {
	var splits []*split
	if !hidden.Sources {
		splits = append(splits, newSplit("by-tool", "By tool", v.Year, v.Days, bySource, now))
	}
	if !hidden.Models {
		splits = append(splits, newSplit("by-model", "By model", v.Year, v.Days, byModel, now))
	}
	drawn := splits[:0]
	for _, s := range splits {
		if s != nil {
			drawn = append(drawn, s)
		}
	}
	return drawn
}

func (v Profile) tape(hidden Hidden) *tape {
	var notes []template.HTML
	if out := v.Total.Kinds.Output; out > 0 && v.Total.Kinds.Reasoning > 0 {
		notes = append(notes, template.HTML("Reasoning, "+percent(v.Total.Kinds.Reasoning, out)+" of output, is inside output and not added again."))
	}
	if !hidden.Cost {
		notes = append(notes, worth(v.Total))
	}
	t := newTape("All time, added up", v.Total, notes...)
	return &t
}

// records are the best of the year.
func (v Profile) records(card *yearCard, hidden Hidden, now time.Time) []stat {
	if card.Most == 0 {
		return nil
	}
	month := card.BusiestMonth()
	stats := []stat{{"Busiest month", figure(month.Tokens, ""), template.HTML(month.Month.String())}}
	if hidden.Days {
		return append(stats, stat{"Busiest week", figure(card.Most, ""), "from " + dayTag(card.Busiest, now)})
	}
	stats = append([]stat{{"Busiest day", figure(card.Most, ""), dayTag(card.Busiest, now)}}, append(stats, dayStat("Longest streak", card.BestStreak))...)
	if !hidden.Models {
		if n, at := mostModels(v.Days); n > 0 {
			stats = append(stats, stat{"Most models in a day", template.HTML(strconv.Itoa(n)), dayTag(at, now)})
		}
	}
	return stats
}

// mostModels returns the largest number of models used in one day, and the first such day.
func mostModels(all []usage.Day) (int, time.Time) {
	models := make(map[string]map[string]bool)
	best, when := 0, ""
	for _, d := range all {
		if models[d.Date] == nil {
			models[d.Date] = make(map[string]bool)
		}
		models[d.Date][d.Model] = true
	}
	for day, names := range models {
		if len(names) > best || len(names) == best && day < when {
			best, when = len(names), day
		}
	}
	at, err := time.Parse(time.DateOnly, when)
	if err != nil {
		return 0, time.Time{}
	}
	return best, at
}
