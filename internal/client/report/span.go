package report

import (
	"strconv"
	"strings"
	"time"
)

const dateHint = "write 2026-11-01, 7d, 2w or yesterday"

// maxBack is how many days back "Nd" and "Nw" may reach: longer ago than any tool here existed.
const maxBack = 100 * 366

// ParseSpan reads the values of --since and --until, in the zone of now: YYYY-MM-DD, today, yesterday, "7d" or "2w".
// The last N days end today, so that --since 7d is today and the six days before it, and --until 7d is the day before those.
// An empty value stays empty.
func ParseSpan(since, until string, now time.Time) (first, last string, err error) {
	if first, err = parseDay("--since", since, now, 1); err != nil {
		return "", "", err
	}
	if last, err = parseDay("--until", until, now, 0); err != nil {
		return "", "", err
	}
	if first != "" && last != "" && first > last {
		return "", "", &Error{"--since " + since + " is after --until " + until, "write --since " + last + " --until " + first}
	}
	return first, last, nil
}

func parseDay(flag, s string, now time.Time, inclusive int) (string, error) {
	wrong := &Error{flag + " " + s + " is not a date", dateHint}
	switch word := strings.ToLower(strings.TrimSpace(s)); {
	case word == "":
		if s != "" {
			return "", wrong
		}
		return "", nil
	case word == "today":
		return back(now, 0), nil
	case word == "yesterday":
		return back(now, 1), nil
	case strings.HasSuffix(word, "d"), strings.HasSuffix(word, "w"):
		n, err := strconv.ParseUint(word[:len(word)-1], 10, 32)
		if word[len(word)-1] == 'w' {
			n *= 7
		}
		if err != nil || n == 0 || n > maxBack {
			return "", wrong
		}
		return back(now, int(n)-inclusive), nil
	default:
		if _, err := time.Parse(time.DateOnly, word); err != nil {
			return "", wrong
		}
		return word, nil
	}
}

// back is the date n days before now.
func back(now time.Time, n int) string {
	y, m, d := now.Date()
	return time.Date(y, m, d-n, 12, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// Today, ThisWeek, ThisMonth and ThisYear are the first days of what --today, --week, --month and --year mean, in the zone
// of now. Weeks begin on Monday.
func Today(now time.Time) string { return back(now, 0) }

// ThisWeek is the Monday of this week.
func ThisWeek(now time.Time) string { return back(now, (int(now.Weekday())+6)%7) }

// ThisMonth is the first day of this month.
func ThisMonth(now time.Time) string { return back(now, now.Day()-1) }

// ThisYear is the first day of this year.
func ThisYear(now time.Time) string { return back(now, now.YearDay()-1) }
