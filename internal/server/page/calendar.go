package page

import (
	"fmt"
	"html/template"
	"time"
)

// date returns the UTC day that t falls on.
func date(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// days counts the days from one date to another.
func days(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }

// dayWords prints a day as "23 Nov", with its year if that is not the year of now.
func dayWords(t, now time.Time) string {
	if t.Year() == now.UTC().Year() {
		return t.Format("2 Jan")
	}
	return t.Format("2 Jan 2006")
}

// dayTag is dayWords as a time element.
func dayTag(t, now time.Time) template.HTML {
	return template.HTML(fmt.Sprintf(`<time datetime="%s">%s</time>`, t.Format(time.DateOnly), dayWords(t, now)))
}

// minuteTag prints a moment as "23 Nov 20:41 UTC".
func minuteTag(t, now time.Time) template.HTML {
	t = t.UTC()
	return template.HTML(fmt.Sprintf(`<time datetime="%s">%s %s UTC</time>`,
		t.Format("2006-01-02T15:04Z"), dayWords(t, now), t.Format("15:04")))
}

// ago prints how long before now t was, in its largest unit, cut; a future t was just now.
func ago(t, now time.Time) string {
	switch d := now.Sub(t); {
	case d < 5*time.Second:
		return "just now"
	case d < time.Minute:
		return count(int64(d/time.Second), "second", "seconds") + " ago"
	case d < time.Hour:
		return count(int64(d/time.Minute), "minute", "minutes") + " ago"
	case d < 24*time.Hour:
		return count(int64(d/time.Hour), "hour", "hours") + " ago"
	default:
		return count(int64(d/(24*time.Hour)), "day", "days") + " ago"
	}
}

// waitWords prints a pause in its largest unit, rounded up so that it is over by then.
func waitWords(d time.Duration) string {
	for _, u := range []struct {
		length    time.Duration
		one, many string
	}{{24 * time.Hour, "day", "days"}, {time.Hour, "hour", "hours"}, {time.Minute, "minute", "minutes"}} {
		if d > u.length {
			return count(int64((d+u.length-1)/u.length), u.one, u.many)
		}
	}
	return count(max(0, int64((d+time.Second-1)/time.Second)), "second", "seconds")
}

// clock prints a rest of time as minutes and seconds: 9:12.
func clock(d time.Duration) string {
	s := max(0, int(d/time.Second))
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// title names the period: Monday 23 November 2026, Week 47, 2026, November 2026, 2026, All time.
func (p Period) title() string {
	switch p.Span {
	case Day:
		return p.From.Format("Monday 2 January 2006")
	case Week:
		y, w := p.From.ISOWeek()
		return fmt.Sprintf("Week %d, %d", w, y)
	case Month:
		return p.From.Format("January 2006")
	case Year:
		return p.From.Format("2006")
	case Days7:
		return "The last 7 days"
	case Days30:
		return "The last 30 days"
	}
	return "All time"
}

// rolls reports whether the period moves on day by day.
func (p Period) rolls() bool { return p.Span == Days7 || p.Span == Days30 }

// name is the period in the form that a query takes.
func (p Period) name() string {
	switch p.Span {
	case Day:
		return p.From.Format(time.DateOnly)
	case Week:
		y, w := p.From.ISOWeek()
		return fmt.Sprintf("%d-W%02d", y, w)
	case Month:
		return p.From.Format("2006-01")
	case Year:
		return p.From.Format("2006")
	}
	return string(p.Span)
}

// before is the period of the same span that ends where p begins.
func (p Period) before() Period {
	q := Period{Span: p.Span, To: p.From.AddDate(0, 0, -1)}
	switch p.Span {
	case Day:
		q.From = q.To
	case Week:
		q.From = p.From.AddDate(0, 0, -7)
	case Month:
		q.From = p.From.AddDate(0, -1, 0)
	case Year:
		q.From = p.From.AddDate(-1, 0, 0)
	}
	return q
}

// brief names the period among others of its span: 22 Nov, week 46, October, 2025.
func (p Period) brief() string {
	switch p.Span {
	case Day:
		return p.From.Format("2 Jan")
	case Week:
		_, w := p.From.ISOWeek()
		return fmt.Sprintf("week %d", w)
	case Month:
		return p.From.Format("January")
	}
	return p.From.Format("2006")
}

// over reports whether the period has ended at now.
func (p Period) over(now time.Time) bool { return p.Span != All && date(now).After(p.To) }

// running reports whether now is inside the period.
func (p Period) running(now time.Time) bool {
	return p.Span == All || !date(now).Before(p.From) && !p.over(now)
}

// rest says how much of a running period is left.
func (p Period) rest(now time.Time) string {
	if p.Span == All || p.rolls() || !p.running(now) {
		return ""
	}
	if n := days(date(now), p.To); n > 0 {
		return count(int64(n), "day", "days") + " left"
	}
	return "until midnight UTC"
}

// passed counts the days of the period up to now; 0 for All.
func (p Period) passed(now time.Time) int {
	if p.Span == All {
		return 0
	}
	last := p.To
	if today := date(now); today.Before(last) {
		last = today
	}
	return max(0, days(p.From, last)+1)
}
