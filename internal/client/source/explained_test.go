package source_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tokenflex.ing/internal/client/scan"
	"tokenflex.ing/internal/client/source"
)

// What counts on a day is found when that day is followed, also where it is another day than that of any line: some tools' sums are of the
// day on which their session says that it was last used.
func TestEveryDayThatCountsIsFollowed(t *testing.T) {
	for _, s := range source.All() {
		cases, err := os.ReadDir(filepath.Join("testdata", s.ID))
		if s.Read == nil || err != nil {
			continue
		}
		for _, c := range cases {
			home, ledger := source.MakeHome(t, dated(t, filepath.Join("testdata", s.ID, c.Name()))), t.TempDir()
			days, kept := make(map[string]bool), make(map[string]int64)
			o := scan.Options{Home: home, GOOS: "linux", Zone: time.UTC, Sources: []source.Source{s}, Now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), Ledger: ledger}
			found, err := scan.Run(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			for i := range found.Cells {
				days[found.Cells[i].Start.Format(time.DateOnly)] = true
			}
			o.Traced = func(time.Time) bool { return true }
			all, err := scan.Run(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			for day := range days {
				o.Traced = func(at time.Time) bool { return at.UTC().Format(time.DateOnly) == day }
				r, err := scan.Run(context.Background(), o)
				if err != nil {
					t.Fatal(err)
				}
				for _, of := range r.Traces {
					kept[of.Source] += of.Kept
				}
			}
			for _, of := range all.Traces {
				if kept[of.Source] != of.Kept {
					t.Errorf("%s/%s: %d responses are followed day by day, %d of all days", of.Source, c.Name(), kept[of.Source], of.Kept)
				}
			}
		}
	}
}
