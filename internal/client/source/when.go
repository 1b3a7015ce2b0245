package source

import (
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
)

// Oldest is the first moment that a response is believed to be from: no tool counted tokens before.
var Oldest = time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)

// when takes the time ahead: RFC 3339, the same with a space or without a zone (which is UTC), or seconds, milliseconds,
// microseconds or nanoseconds since 1970, which may stand in a string. It returns the zero time for anything else, and for
// what is not believed, so that of several times of one response an unset clock's is not the earliest.
func when(w *jsonwalk.Walker) time.Time { return laterWhen(w).time() }

// told is a time as a line tells it: most lines are not asked for theirs. It is valid as long as texts of the walker are.
type told struct {
	text []byte
	at   time.Time // of what is no text
}

// laterWhen takes what when takes.
func laterWhen(w *jsonwalk.Walker) told {
	if w.Kind() == jsonwalk.String {
		return told{text: w.Text()}
	}
	return told{at: epoch(w.Count())}
}

// time is what when returns.
func (t told) time() time.Time {
	at := t.at
	if t.text != nil {
		if at = stamp(t.text); at.IsZero() {
			at = epoch(jsonwalk.New(t.text).Count())
		}
	}
	if at.Before(Oldest) {
		return time.Time{}
	}
	return at
}

func epoch(n int64) time.Time {
	switch {
	case n <= 0:
		return time.Time{}
	case n < 100_000_000_000: // the year 5138 in seconds, 1973 in milliseconds
		return time.Unix(n, 0).UTC()
	case n < 100_000_000_000_000:
		return time.UnixMilli(n).UTC()
	case n < 100_000_000_000_000_000:
		return time.UnixMicro(n).UTC()
	}
	return time.Unix(0, n).UTC()
}

// stamp reads the form that nearly every tool writes, 2026-05-01T10:00:03.120Z, by hand, for there are millions of them.
func stamp(b []byte) time.Time {
	if len(b) < 20 || len(b) > 30 || b[len(b)-1] != 'Z' || b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[16] != ':' {
		return stampSlow(string(b))
	}
	year, month, day := digits(b[0:4]), digits(b[5:7]), digits(b[8:10])
	hour, minute, second := digits(b[11:13]), digits(b[14:16]), digits(b[17:19])
	nano, ok := fraction(b[19 : len(b)-1])
	if !ok || min(year, month, day, hour, minute, second) < 0 || month < 1 || month > 12 || day < 1 || day > 28 || hour > 23 || minute > 59 || second > 59 {
		return stampSlow(string(b))
	}
	return time.Unix(int64(daysSince1970(year, month, day)*86_400+hour*3600+minute*60+second), int64(nano)).UTC()
}

// daysSince1970 counts the days up to one of our calendar, in years that begin in March, so that the day that not every year has is
// their last.
func daysSince1970(year, month, day int) int {
	if month -= 3; month < 0 {
		month += 12
		year--
	}
	year += 400 // no year is below zero then
	return year*365 + year/4 - year/100 + year/400 + (153*month+2)/5 + day - 1 - 719_468 - 146_097
}

func stampSlow(s string) time.Time {
	s = strings.TrimSpace(s)
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999Z0700", "2006-01-02 15:04:05.999999999Z0700", "2006-01-02 15:04:05.999999999 Z0700", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// digits returns the number that b is, or -1.
func digits(b []byte) int {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// fraction returns the nanoseconds of "" or of a point and up to nine digits.
func fraction(b []byte) (nano int, ok bool) {
	if len(b) == 0 {
		return 0, true
	}
	nano = digits(b[1:])
	if b[0] != '.' || len(b) == 1 || len(b) > 10 || nano < 0 {
		return 0, false
	}
	for range 10 - len(b) {
		nano *= 10
	}
	return nano, true
}

// whenHere takes the time ahead as when does, but for one without a zone, which is of the machine's clock. shown is that time as
// if the clock stood in UTC: the clock may be moved, and what was written is known again by it.
func whenHere(w *jsonwalk.Walker, zone *time.Location) (at, shown time.Time) {
	if w.Kind() != jsonwalk.String {
		at = when(w)
		return at, at
	}
	text := string(w.Text())
	const layout = "2006-01-02T15:04:05.999999999"
	shown, err := time.Parse(layout, text)
	if err != nil {
		at = believed(stamp([]byte(text)).UTC())
		return at, at
	}
	at, _ = time.ParseInLocation(layout, text, zone)
	return believed(at.UTC()), believed(shown)
}
