package source_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/scan"
	"tokenflex.ing/internal/client/source"
)

// scanKept scans a home with a ledger, or without one.
func scanKept(t *testing.T, home, ledger string) *scan.Result {
	t.Helper()
	r, err := scan.Run(context.Background(), scan.Options{Home: home, GOOS: "linux", Zone: time.UTC, Sources: source.All(),
		Now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), Ledger: ledger})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The first, the last and a home in the middle of every source say the same cold, with a new ledger and with a known one; and
// what they said is still counted when all of their files are gone.
func TestHomesSayTheSameFromTheLedger(t *testing.T) {
	for _, s := range source.All() {
		cases, err := os.ReadDir(filepath.Join("testdata", s.ID))
		if s.Read == nil || err != nil || len(cases) == 0 {
			continue
		}
		for _, i := range []int{0, len(cases) / 2, len(cases) - 1} {
			t.Run(s.ID+"/"+cases[i].Name(), func(t *testing.T) {
				home := source.MakeHome(t, dated(t, filepath.Join("testdata", s.ID, cases[i].Name())))
				ledger := t.TempDir()
				cold := scanKept(t, home, "")
				cold.Kept = true
				for _, when := range []string{"new", "known"} {
					if diff := cmp.Diff(cold, scanKept(t, home, ledger)); diff != "" {
						t.Fatalf("cold (-) and with a ledger that is %s (+)\n%s", when, diff)
					}
				}
				if err := os.RemoveAll(home); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(cold.Cells, scanKept(t, home, ledger).Cells); diff != "" {
					t.Errorf("before (-) and after the tool deleted everything (+)\n%s", diff)
				}
			})
		}
	}
}
