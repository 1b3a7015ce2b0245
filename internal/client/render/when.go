package render

import (
	"strconv"
	"time"
)

// age says how long ago something was, the shorter the nearer: "4 min ago", "2 h ago", "today", "yesterday", "3 Nov".
func age(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(now.Location())
	past := now.Sub(t)
	switch {
	case past < time.Minute && past > -time.Minute:
		return "just now"
	case past < 0:
		return date(t, now)
	case past < time.Hour:
		return strconv.Itoa(int(past.Minutes())) + " min ago"
	case past < 6*time.Hour:
		return strconv.Itoa(int(past.Hours())) + " h ago"
	case sameDay(t, now):
		return "today"
	case sameDay(t, now.AddDate(0, 0, -1)):
		return "yesterday"
	}
	return date(t, now)
}

// clock says when something of the last days was: "14:30" today, "yesterday", "19 Nov".
func clock(t, now time.Time) string {
	t = t.In(now.Location())
	switch {
	case sameDay(t, now):
		return t.Format("15:04")
	case sameDay(t, now.AddDate(0, 0, -1)):
		return "yesterday"
	}
	return date(t, now)
}

// date is a day in prose, with its year if that is another one.
func date(t, now time.Time) string {
	if t.Year() != now.Year() {
		return t.Format("2 Jan 2006")
	}
	return t.Format("2 Jan")
}

func sameDay(a, b time.Time) bool {
	return a.YearDay() == b.YearDay() && a.Year() == b.Year()
}

// lasted says how long something took: "44 m", "3 h 12 m", "6 days".
func lasted(d time.Duration) string {
	switch minutes := int(d.Minutes()); {
	case minutes < 1:
		return "<1 m"
	case minutes < 60:
		return strconv.Itoa(minutes) + " m"
	case d < 48*time.Hour:
		return strconv.Itoa(minutes/60) + " h " + two(int64(minutes%60)) + " m"
	}
	return strconv.Itoa(int(d.Hours())/24) + " days"
}

// dayOf is a date in prose, "12 Nov".
func dayOf(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return t.Format("2 Jan")
}
