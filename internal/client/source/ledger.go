package source

import (
	"strconv"

	"tokenflex.ing/internal/usage"
)

// ledgerID tells a line of a log of calls that gives them no ID: by what it says. Two calls of one model at one time with the same
// counters are one that was written twice. Without a time there is nothing to tell a line by but its place.
func ledgerID(session string, r usage.Record, place int) string {
	b := append([]byte(session), ':')
	if r.Time.IsZero() {
		b = append(strconv.AppendInt(append(b, '#'), int64(place), 10), ':')
	} else {
		b = append(strconv.AppendInt(b, r.Time.UnixNano(), 10), ':')
	}
	b = append(append(b, r.Model...), ':')
	t := r.Tokens
	for _, n := range [...]int64{t.Input, t.CacheRead, t.CacheWrite5m, t.Output, t.Reasoning} {
		b = append(strconv.AppendInt(b, n, 10), ':')
	}
	return string(b)
}
