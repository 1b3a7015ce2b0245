package samplehome_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/scan"
	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/samplehome"
	"tokenflex.ing/internal/usage"
)

// What a bulk home is said to hold is what a scan counts in it, and it has the size that was asked for.
func TestBulkHoldsWhatItSays(t *testing.T) {
	dir, until := t.TempDir(), time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	made, err := samplehome.WriteBulk(dir, samplehome.BulkOptions{Seed: 3, Until: until, Files: 40, Bytes: 6 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if off := float64(made.Bytes)/(6<<20) - 1; made.Files != 40 || off < -0.5 || off > 0.5 {
		t.Errorf("%d files with %d bytes", made.Files, made.Bytes)
	}
	found, err := scan.Run(context.Background(), scan.Options{Home: dir, Sources: source.All(), Now: until})
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]usage.Tokens)
	for _, c := range found.Cells {
		got[c.Source] = got[c.Source].Add(c.Tokens)
	}
	if diff := cmp.Diff(made.Tokens, got); diff != "" || found.Bytes != made.Bytes {
		t.Errorf("said (-) and counted (+), %d and %d bytes:\n%s", made.Bytes, found.Bytes, diff)
	}
}
