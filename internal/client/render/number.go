package render

import (
	"math"
	"math/bits"
	"strconv"
	"strings"

	"tokenflex.ing/internal/usage"
)

// exact writes a count with its thousands apart: 121,430,815.
func exact(n int64) string {
	var digits [20]byte
	var text [26]byte
	s, at, sign := strconv.AppendInt(digits[:0], n, 10), len(text), n < 0
	if sign {
		s = s[1:]
	}
	for i := range s {
		if i > 0 && i%3 == 0 {
			at--
			text[at] = ','
		}
		at--
		text[at] = s[len(s)-1-i]
	}
	if sign {
		at--
		text[at] = '-'
	}
	return string(text[at:])
}

// units writes a count with three significant digits, cut and never rounded up, so that nothing seems to have passed a mark
// that it has not: 999, 1.03K, 63.0K, 999K, 2.92B.
func units(n int64) string {
	if n < 1000 {
		return exact(n)
	}
	for _, u := range []struct {
		name string
		size int64
	}{{"K", 1e3}, {"M", 1e6}, {"B", 1e9}, {"T", 1e12}} {
		if n/1000 >= u.size && u.name != "T" {
			continue
		}
		whole, part := n/u.size, n%u.size/(u.size/100) // hundredths
		switch {
		case whole < 10:
			return exact(whole) + "." + two(part) + u.name
		case whole < 100:
			return exact(whole) + "." + two(part)[:1] + u.name
		}
		return exact(whole) + u.name
	}
	return exact(n)
}

// count writes a count, rounded to units or exactly.
func count(n int64, rounded bool) string {
	if rounded {
		return units(n)
	}
	return exact(n)
}

// countWidth is how long count makes it.
func countWidth(n int64, rounded bool) int {
	switch {
	case n < 0:
		return len(count(n, rounded))
	case !rounded || n < 1000:
		digits := 1
		for rest := n / 10; rest > 0; rest /= 10 {
			digits++
		}
		return digits + (digits-1)/3
	}
	for unit := 0; n >= 1000 && unit < len("KMBT"); unit++ {
		n /= 1000
	}
	if n < 100 {
		return len("1.03K")
	}
	return countWidth(n, false) + len("K")
}

func two(n int64) string { return string([]byte{'0' + byte(n/10), '0' + byte(n%10)}) }

// dollars writes an amount in cents, to the nearest one, half to even; half a cent and less, but not nothing, is <$0.01.
func dollars(m usage.Money) string {
	if m > 0 && m <= 5_000 {
		return "<$0.01"
	}
	cents, rest := int64(m)/10_000, int64(m)%10_000
	if rest > 5_000 || rest == 5_000 && cents%2 == 1 {
		cents++
	}
	return "$" + exact(cents/100) + "." + two(cents%100)
}

// mark says what is missing from a cost: "" nothing, "?" all of it, "+?" a part.
func mark(priced, unpriced int64) string {
	switch {
	case unpriced == 0:
		return ""
	case priced == 0:
		return "?"
	}
	return "+?"
}

// cost writes an amount with its mark in prose; nothing priced is "?" and never an amount of zero.
func cost(m usage.Money, priced, unpriced int64) string {
	sign := mark(priced, unpriced)
	if sign == "?" {
		return sign
	}
	return dollars(m) + sign
}

// percent writes part of whole in whole percents. 100% is only said of all, and 0% only of nothing.
func percent(part, whole int64) string {
	if whole <= 0 {
		return ""
	}
	n := scaled(part, 100, whole)
	switch {
	case part <= 0:
		return "0%"
	case part >= whole:
		return "100%"
	case n < 1:
		return "<1%"
	}
	return strconv.FormatInt(min(n, 99), 10) + "%"
}

// cached is how much of what the models were given to read came from a cache.
func cached(t usage.Tokens) string {
	if t.Prompt() == 0 {
		return ""
	}
	return percent(t.CacheRead, t.Prompt())
}

// change writes how much more or less was used than before; nothing if there is nothing to compare with.
func change(now, before int64) string {
	if before <= 0 {
		return ""
	}
	more, sign := now-before, "+"
	if more < 0 {
		more, sign = -more, "-"
	}
	n := scaled(more, 100, before)
	if n == 0 {
		return "0%"
	}
	return sign + exact(n) + "%"
}

// perMillion is the cost of a million priced tokens; nothing if none has a price.
func perMillion(s Style, m usage.Money, priced int64) string {
	if priced <= 0 {
		return ""
	}
	return s.money(usage.Money(scaled(int64(m), 1_000_000, priced)))
}

// scaled is n*by/over, rounded to the nearest, and held at the largest int64. None of them is negative.
func scaled(n, by, over int64) int64 {
	hi, lo := bits.Mul64(uint64(max(0, n)), uint64(by))
	lo, carry := bits.Add64(lo, uint64(over)/2, 0)
	hi += carry
	if hi >= uint64(over) {
		return math.MaxInt64
	}
	q, _ := bits.Div64(hi, lo, uint64(over))
	return int64(min(q, math.MaxInt64))
}

// size writes bytes in decimal units: 1.9 GB, 38 MB, 812 B.
func size(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	value, unit := float64(n), ""
	for _, unit = range []string{"kB", "MB", "GB", "TB", "PB"} {
		if value /= 1000; value < 999.5 {
			break
		}
	}
	if value < 9.95 {
		return strings.TrimSuffix(strconv.FormatFloat(value, 'f', 1, 64), ".0") + " " + unit
	}
	return strconv.FormatFloat(value, 'f', 0, 64) + " " + unit
}

// plural writes a count and its noun: 1 day, 1,204 days.
func plural(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return exact(n) + " " + one + "s"
}
