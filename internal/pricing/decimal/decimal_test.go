package decimal

import (
	"errors"
	"testing"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]struct {
		n   int64
		err error
	}{
		"0": {0, nil}, "3": {3_000_000, nil}, "0.075": {75_000, nil}, "1.250000": {1_250_000, nil}, "00.5": {500_000, nil},
		"999999999.999999": {999_999_999_999_999, nil}, "1000000000": {0, ErrLarge}, "0.0000001": {0, ErrPrecise},
		"": {0, ErrSyntax}, ".": {0, ErrSyntax}, "1.": {0, ErrSyntax}, ".5": {0, ErrSyntax}, "-1": {0, ErrSyntax}, "+1": {0, ErrSyntax}, "1e3": {0, ErrSyntax},
		"1,5": {0, ErrSyntax}, "1.5.5": {0, ErrSyntax}, " 1": {0, ErrSyntax}, "1_0": {0, ErrSyntax}, "NaN": {0, ErrSyntax}, "١": {0, ErrSyntax},
	} {
		n, err := Parse(text)
		if n != want.n || !errors.Is(err, want.err) {
			t.Errorf("%q: %d, %v; want %d, %v", text, n, err, want.n, want.err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"0", "3.75", "0.000001", "1e9", "-0", "999999999.999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Parse(Format(n)); err != nil || again != n || n < 0 {
			t.Errorf("%q: %d, written as %s, read as %d, %v", text, n, Format(n), again, err)
		}
	})
}
