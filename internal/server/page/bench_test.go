package page_test

import (
	"bytes"
	"testing"

	"tokenflex.ing/internal/server/page"
)

// BenchmarkBoard prints a page of a board whose rows were printed before, and one of new rows.
func BenchmarkBoard(b *testing.B) {
	v := board()
	v.Start, v.Own, v.Ahead = 1001, nil, nil // no podium
	for name, step := range map[string]int64{"seen": 0, "new": 1} {
		b.Run(name, func(b *testing.B) {
			r, err := page.New()
			if err != nil {
				b.Fatal(err)
			}
			var to bytes.Buffer
			b.ReportAllocs()
			for b.Loop() {
				for i := range v.Lines {
					v.Lines[i].Rank += step
				}
				to.Reset()
				if err := r.Render(&to, site("", "/"), v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
