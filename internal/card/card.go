package card

import (
	"slices"
	"time"
)

// The size of a card, which is what links unfold to.
const (
	Width  = 1200
	Height = 630
)

// Card is what somebody shows of a period.
type Card struct {
	Title        string           // all of it, for whoever cannot see it
	Handle       string           // drawn smaller where it is long
	Period       string           // November 2026 · by tokens
	Rank, Of     string           // 137 and "of 812"; empty: on no board
	Digits, Unit string           // of the tokens: 16.84 and B
	Kinds        [5]int64         // tokens from cheap to dear: cache read, input, cache write of 5 minutes and of an hour, output
	Days         map[string]int64 // tokens of the last weeks, by day as YYYY-MM-DD; with Weekly by each week's Monday
	Weekly       bool             // exact days are not shown
	Today        time.Time        // the strip ends with its week
	Foot         string           // 13 of 23 days · $318 list price
	Site         string           // host
	Dark         bool
}

// Blank is the card of whoever shows nothing, and of nobody.
func Blank(site string, inDark bool) Card {
	return Card{Title: "Nothing is printed here", Handle: "Nothing is printed here", Site: site, Dark: inDark}
}

// SVG draws the card as text.
func (c Card) SVG() []byte {
	s := newSVG(Width, Height, c.Title)
	c.draw(s)
	return s.end()
}

// PNG draws the card as a raster.
func (c Card) PNG() ([]byte, error) {
	p := newPixels(Width, Height)
	c.draw(p)
	return p.end()
}

const (
	margin = 104 // of what is written; the holes are outside of it
	right  = Width - margin
	tear   = 56 // where the edge with the holes would come off
)

func (c Card) palette() palette {
	if c.Dark {
		return dark
	}
	return light
}

func (c Card) draw(on canvas) {
	p := c.palette()
	c.paper(on, p)
	x := write(on, text{"token", plain, 26, 0}, margin, 74, p.ink)
	x = write(on, text{"flex", wide, 26, 0}, x, 74, p.ink)
	write(on, text{"ing", plain, 26, 0}, x, 74, p.ink)
	writeBefore(on, text{c.Period, plain, 22, 0}, right, 74, p.ink2)
	room := c.rank(on, p)
	write(on, text{c.Handle, plain, 64, 0}.within(room-margin), margin, 178, p.ink)
	if c.Digits != "" {
		c.tokens(on, p)
		c.rule(on, p)
	}
	c.kinds(on, p)
	c.strip(on, p)
	site := text{c.Site, plain, 22, 0}.within((right - margin) / 2)
	writeBefore(on, site, right, 593, p.ink2)
	write(on, text{c.Foot, plain, 22, 0}.within(right-margin-site.width()-40), margin, 593, p.ink)
}

// paper is the listing paper with its holes.
func (c Card) paper(on canvas, p palette) {
	on.rect(0, 0, Width, Height, p.paper)
	for y := 90.0; y < Height; y += 180 {
		on.rect(tear, y, Width-2*tear, 90, p.bar)
	}
	for y := 30.0; y < Height+30; y += 60 {
		for _, x := range []float64{tear / 2, Width - tear/2} {
			on.disc(x, y, 10.5, p.rule)
			on.disc(x, y, 9.5, p.desk)
		}
	}
	for y := 0.0; y < Height; y += 12 {
		on.rect(tear, y, 1, 6, p.rule)
		on.rect(Width-tear-1, y, 1, 6, p.rule)
	}
}

// rank draws the place at the right, and returns where there is room up to.
func (c Card) rank(on canvas, p palette) float64 {
	if c.Rank == "" {
		return right
	}
	place := text{c.Rank, wide, 112, -5}.within(270)
	writeBefore(on, place, right+place.size*.03, 192, p.ink)
	sign := text{"#", plain, place.size * .64, 0}
	at := right - place.width() - 8
	writeBefore(on, sign, at, 192, p.ink2)
	writeBefore(on, text{c.Of, plain, 26, 0}, right, 234, p.ink2)
	return at - sign.width() - 40
}

// tokens draws the one number that the card is for.
func (c Card) tokens(on canvas, p palette) {
	const most = 742
	size := 178.0
	digits, unit := text{c.Digits, wide, size, -9}, text{c.Unit, plain, size, 0}
	if w := digits.width() + unit.width(); w > most {
		size *= most / w
		digits.size, digits.track, unit.size = size, digits.track*most/w, size
	}
	x := write(on, digits, margin-size*.045, 368, p.ink)
	x = write(on, unit, x-4, 368, p.ink2)
	write(on, text{"tokens", plain, 26, 0}, x+14, 368, p.ink2)
}

// rule is the double line below a sum that adds up.
func (c Card) rule(on canvas, p palette) {
	for _, y := range []float64{399, 405} {
		on.rect(margin, y, right-margin, 2, p.ink)
	}
}

// kinds is the sum, split.
func (c Card) kinds(on canvas, p palette) {
	var total float64
	for _, n := range c.Kinds {
		total += float64(n)
	}
	x := float64(margin)
	for i, n := range c.Kinds {
		if n == 0 {
			continue
		}
		w := (right - margin) * float64(n) / total
		on.rect(x, 426, max(w-2, 1), 26, p.kinds[i])
		x += w
	}
}

// weeks is how many the strip has, the newest at the right.
const weeks = 47

// strip is the last weeks as punched days, Monday on top.
func (c Card) strip(on canvas, p palette) {
	if c.Today.IsZero() {
		return
	}
	var active []int64
	for _, n := range c.Days {
		if n > 0 {
			active = append(active, n)
		}
	}
	slices.Sort(active)
	const wide, high = float64(right-margin) / weeks, 10.6
	monday := FirstDay(c.Today)
	for week := range weeks {
		x := margin + float64(week)*wide + 1
		if c.Weekly {
			on.rect(x, 476, wide-2.4, 7*high-2, p.days[level(c.Days[monday.AddDate(0, 0, 7*week).Format(time.DateOnly)], active)])
			continue
		}
		for day := range 7 {
			at := monday.AddDate(0, 0, 7*week+day)
			if at.After(c.Today) {
				continue
			}
			on.rect(x, 476+float64(day)*high, wide-2.4, high-2, p.days[level(c.Days[at.Format(time.DateOnly)], active)])
		}
	}
}

// FirstDay is the first of the days that the strip of a card of today has, a Monday.
func FirstDay(today time.Time) time.Time {
	back := (int(today.Weekday())+6)%7 + 7*(weeks-1)
	return time.Date(today.Year(), today.Month(), today.Day()-back, 0, 0, 0, 0, time.UTC)
}

// level is the quartile of a day among the active ones, from 1; 0 without usage.
func level(tokens int64, active []int64) int {
	if tokens == 0 {
		return 0
	}
	n := 1
	for i := range 3 {
		if tokens > active[len(active)*(i+1)/4] {
			n++
		}
	}
	return n
}
