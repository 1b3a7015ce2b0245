package scan

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/samplehome"
	"tokenflex.ing/internal/usage"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// home writes files below a new folder.
func home(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func mustRun(t *testing.T, o Options) *Result {
	t.Helper()
	if o.Sources == nil {
		o.Sources = source.All()
	}
	if o.Now.IsZero() {
		o.Now = now
	}
	r, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestASampleHomeAddsUpToItsTruth(t *testing.T) {
	dir := t.TempDir()
	want, err := samplehome.Write(dir, samplehome.Options{Seed: 7, Until: now, Days: 40, Sessions: 2})
	if err != nil {
		t.Fatal(err)
	}
	r := mustRun(t, Options{Home: dir})
	if diff := cmp.Diff(want, usage.ByDay(r.Cells, time.UTC)); diff != "" {
		t.Error(diff)
	}
	if len(r.Warnings) > 0 {
		t.Errorf("warnings %+v", r.Warnings)
	}
}
