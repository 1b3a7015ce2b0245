package report

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseSpan(t *testing.T) {
	tests := []struct {
		since, until string
		want         [2]string
		wrong        string
	}{
		{"", "", [2]string{"", ""}, ""},
		{"2026-11-01", "2026-11-01", [2]string{"2026-11-01", "2026-11-01"}, ""},
		{"7d", "", [2]string{"2026-11-17", ""}, ""},
		{"1d", "", [2]string{"2026-11-23", ""}, ""},
		{"2w", "", [2]string{"2026-11-10", ""}, ""},
		{"14d", "7d", [2]string{"2026-11-10", "2026-11-16"}, ""},
		{"yesterday", "Today", [2]string{"2026-11-22", "2026-11-23"}, ""},
		{"2026-13-01", "", [2]string{}, "--since 2026-13-01 is not a date"},
		{"2026-02-30", "", [2]string{}, "--since 2026-02-30 is not a date"},
		{"", "2026-11", [2]string{}, "--until 2026-11 is not a date"},
		{"0d", "", [2]string{}, "--since 0d is not a date"},
		{"-3d", "", [2]string{}, "--since -3d is not a date"},
		{"+3d", "", [2]string{}, "--since +3d is not a date"},
		{"99999999999d", "", [2]string{}, "--since 99999999999d is not a date"},
		{" ", "", [2]string{}, "--since   is not a date"},
		{"d", "", [2]string{}, "--since d is not a date"},
		{"2026-11-10", "2026-11-01", [2]string{}, "--since 2026-11-10 is after --until 2026-11-01"},
		{"today", "yesterday", [2]string{}, "--since today is after --until yesterday"},
	}
	for _, tt := range tests {
		since, until, err := ParseSpan(tt.since, tt.until, now)
		said := ""
		if err != nil {
			said = err.Error()
			var e *Error
			if !errors.As(err, &e) || e.Hint == "" {
				t.Errorf("%q: no good form shown", said)
			}
		}
		if diff := cmp.Diff(tt.wrong, said); diff != "" {
			t.Errorf("%q to %q:\n%s", tt.since, tt.until, diff)
		}
		if diff := cmp.Diff(tt.want, [2]string{since, until}); diff != "" {
			t.Errorf("%q to %q:\n%s", tt.since, tt.until, diff)
		}
	}
}

func TestSpansOfTheCalendar(t *testing.T) {
	sunday := now.AddDate(0, 0, 6)
	got := []string{Today(now), ThisWeek(now), ThisWeek(sunday), ThisMonth(now), ThisYear(now)}
	want := []string{"2026-11-23", "2026-11-23", "2026-11-23", "2026-11-01", "2026-01-01"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzParseSpan(f *testing.F) {
	for _, s := range []string{"7d", "2w", "today", "2026-11-01", "99999999999999999999w", "d", "２d"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, since, until string) {
		first, last, err := ParseSpan(since, until, now)
		if err != nil {
			return
		}
		for _, day := range []string{first, last} {
			if day != "" && len(day) != len("2026-11-23") {
				t.Errorf("%q to %q: %q is no day", since, until, day)
			}
		}
		if first != "" && last != "" && first > last {
			t.Errorf("%q to %q: %s is after %s", since, until, first, last)
		}
	})
}
