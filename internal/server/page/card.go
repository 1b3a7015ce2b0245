package page

import (
	"fmt"
	"strings"
	"time"

	"tokenflex.ing/internal/card"
	"tokenflex.ing/internal/usage"
)

// Card is what a public account shows of a period, for links to unfold to.
type Card struct {
	Handle     string
	Missing    bool // nobody shows anything by that name
	Theme      Theme
	Period     Period
	Standing   *Standing // nil: on no board
	Sum        Sum       // of the period
	ActiveDays int       // of the period
	Model      string    // that most tokens went to; empty: not shown
	Hidden     Hidden
	Days       []usage.Day // since FirstCardDay
}

// FirstCardDay is the first day that a card of now shows.
func FirstCardDay(now time.Time) time.Time { return card.FirstDay(date(now)) }

// Drawing is the card in words and counts.
func (v Card) Drawing(site Site) card.Card {
	_, host, _ := strings.Cut(site.Origin, "://")
	if v.Missing {
		return card.Blank(host, v.Theme == Dark)
	}
	c := card.Card{Handle: v.Handle, Period: v.Period.title() + " · by tokens", Weekly: v.Hidden.Days, Today: date(site.Now), Site: host,
		Foot: v.foot(site.Now), Dark: v.Theme == Dark, Days: make(map[string]int64)}
	for _, d := range v.Days {
		c.Days[d.Date] += d.Tokens.Total()
	}
	for i, k := range kinds(v.Sum.Kinds) {
		c.Kinds[i] = k.Tokens
	}
	var tokens int64
	if v.Standing != nil {
		c.Rank, c.Of, tokens = v.Standing.place(), "of "+exact(v.Standing.Of), v.Standing.Tokens
	}
	c.Digits, c.Unit = short(tokens)
	c.Title = fmt.Sprintf("%s: %s tokens%s", v.Handle, words(tokens), v.Period.during(site.Now))
	if v.Standing != nil {
		c.Title += ", number " + c.Rank + " " + c.Of
	}
	return c
}

// foot is what else there is to say: 13 of 23 days · $318.40 list price · claude-sonnet-4-5.
func (v Card) foot(now time.Time) string {
	var facts []string
	if !v.Hidden.Days && v.ActiveDays > 0 {
		facts = append(facts, v.activeWords(now))
	}
	if total := v.Sum.Kinds.Total(); !v.Hidden.Cost && total > 0 {
		switch {
		case v.Sum.Unpriced == 0:
			facts = append(facts, dollars(v.Sum.Cost)+" list price")
		case v.Sum.Cost > 0:
			facts = append(facts, dollars(v.Sum.Cost)+" list price, "+percent(total-v.Sum.Unpriced, total)+" of tokens priced")
		default:
			facts = append(facts, "no known price")
		}
	}
	if !v.Hidden.Models && v.Model != "" {
		facts = append(facts, v.Model)
	}
	return strings.Join(facts, " · ")
}

// activeWords counts active days, of those that the period has had.
func (v Card) activeWords(now time.Time) string {
	if v.Period.Span == All || v.Period.Span == Day {
		return count(int64(v.ActiveDays), "active day", "active days")
	}
	last := v.Period.To
	if today := date(now); today.Before(last) {
		last = today
	}
	return fmt.Sprintf("%d of %s", v.ActiveDays, count(int64(days(v.Period.From, last)+1), "day", "days"))
}
