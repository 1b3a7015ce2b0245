package source

import (
	"testing"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
)

func TestTimesAreReadInEveryFormThatToolsWrite(t *testing.T) {
	want := time.Date(2026, 5, 1, 10, 0, 3, 0, time.UTC)
	for _, text := range []string{
		`"2026-05-01T10:00:03.000Z"`, `"2026-05-01T10:00:03Z"`, `"2026-05-01T12:00:03+02:00"`, `"2026-05-01T04:30:03-0530"`,
		`"2026-05-01 10:00:03"`, `"2026-05-01 12:00:03+02:00"`, `"2026-05-01 12:00:03 +0200"`, `"2026-05-01T10:00:03"`,
		`1777629603`, `1777629603.9e0`, `1777629603000`, `1777629603000000`, `1777629603000000000`, `1.777629603e12`,
		`"1777629603"`, `" 1777629603000 "`, `"1777629603000000000"`,
	} {
		w := jsonwalk.New([]byte(text))
		if got := when(w); !got.Truncate(time.Second).Equal(want) || w.End() != nil {
			t.Errorf("%s is %v", text, got)
		}
	}
	for _, text := range []string{`null`, `true`, `""`, `"soon"`, `"2026"`, `"1969-12-31T00:00:00Z"`, `-5`, `0`, `{"a":1}`, `"2026-05-01T25:00:00Z"`} {
		w := jsonwalk.New([]byte(text))
		if got := when(w); !got.IsZero() || w.End() != nil {
			t.Errorf("%s is %v", text, got)
		}
	}
}

// Days are counted as the calendar has them, whatever the year.
func TestDaysAreCountedAsTheCalendarHasThem(t *testing.T) {
	for day := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 10_000; day = day.AddDate(0, 0, 1) {
		if got, want := daysSince1970(day.Year(), int(day.Month()), day.Day()), int(day.Unix()/86_400); got != want {
			t.Fatalf("%s is day %d, want %d", day.Format(time.DateOnly), got, want)
		}
	}
}
