package accept

import (
	"regexp"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Names are what these patterns say. Fails where the first byte is not told from the others.
func TestNamesAreWhatPatternsSay(t *testing.T) {
	kinds := map[string]struct {
		pattern *regexp.Regexp
		valid   func(string) bool
	}{
		"source":  {regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`), ValidSource},
		"model":   {regexp.MustCompile(`^[a-z0-9][a-z0-9._:/@+-]{0,95}$`), func(s string) bool { return validName(s, 96, lower, ofModels) }},
		"sync":    {regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`), func(s string) bool { return validName(s, 64, lower|upper|dash, 0) }},
		"version": {regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$`), func(s string) bool { return validName(s, 64, lower|upper, ofOthers) }},
		"os":      {regexp.MustCompile(`^[a-z0-9]{1,32}$`), func(s string) bool { return validName(s, 32, lower, 0) }},
	}
	texts := rapid.OneOf(rapid.StringN(0, 3, -1), rapid.StringMatching(`[a-zA-Z0-9._:/@+ \n-]{0,100}`), rapid.StringMatching(`[a-z0-9-]{0,40}`))
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Draw(t, "text")
		for name, k := range kinds {
			if k.valid(text) != k.pattern.MatchString(text) {
				t.Fatalf("%q as a %s: %v", text, name, k.valid(text))
			}
		}
	})
}

// A date is what package time reads and would write the same.
func TestDatesAreThoseOfTheCalendar(t *testing.T) {
	same := func(text string) bool {
		day, err := time.Parse(time.DateOnly, text)
		return isDate(text) == (err == nil && day.Format(time.DateOnly) == text)
	}
	for day := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2101; day = day.AddDate(0, 0, 1) {
		if !same(day.Format(time.DateOnly)) {
			t.Fatal(day)
		}
	}
	texts := rapid.OneOf(rapid.StringMatching(`[0-9]{4}-[0-9]{2}-[0-9]{2}`), rapid.StringMatching(`[0-9]{4}-(0[0-9]|1[0-3])-(2[89]|3[0-2])`), rapid.StringMatching(`[0-9 -]{8,12}`))
	rapid.Check(t, func(t *rapid.T) {
		if text := texts.Draw(t, "text"); !same(text) {
			t.Fatalf("%q", text)
		}
	})
}
