package board

import (
	"slices"
	"time"
)

// Streaks returns how many days in a row, up to today or yesterday, are in days, and the longest row of all.
// days are dates in any order, also more than once.
func Streaks(days []string, today time.Time) (now, best int) {
	dates := slices.Compact(slices.Sorted(slices.Values(days)))
	last := time.Time{}
	for _, d := range dates {
		at, err := time.Parse(time.DateOnly, d)
		if err != nil {
			continue
		}
		if at.Sub(last) == 24*time.Hour {
			now++
		} else {
			now = 1
		}
		last, best = at, max(best, now)
	}
	if y, m, d := today.UTC().Date(); last.Before(time.Date(y, m, d-1, 0, 0, 0, 0, time.UTC)) {
		now = 0
	}
	return now, best
}
