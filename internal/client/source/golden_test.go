package source_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/scan"
	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/usage"
)

var update = flag.Bool("update", false, "write the golden files anew")

// found is what a want.json holds: what is counted of one home, and what is said about the rest.
type found struct {
	Status   scan.Status
	Records  int64
	Dropped  int64
	Skipped  int64
	Total    int64
	Cells    []usage.Cell
	Warnings []string
}

// scanHome reads a home, and what is only read where it is asked for.
func scanHome(t *testing.T, home string, sources []source.Source) *scan.Result {
	t.Helper()
	asked := make(map[string][]string)
	for _, s := range sources {
		for _, p := range s.Places {
			if p.Asked != "" {
				asked[s.ID] = append(asked[s.ID], p.Roots...)
			}
		}
	}
	r, err := scan.Run(context.Background(), scan.Options{Home: source.MakeHome(t, home), GOOS: "linux", Zone: time.UTC, Sources: sources, Extra: asked,
		Now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Every source that is read has homes below testdata, each with what it adds up to.
func TestGoldenHomes(t *testing.T) {
	for _, s := range source.All() {
		if s.Read == nil {
			continue
		}
		cases, err := os.ReadDir(filepath.Join("testdata", s.ID))
		if err != nil || len(cases) == 0 {
			t.Errorf("%s has no homes to test it with: %v", s.ID, err)
		}
		for _, c := range cases {
			t.Run(s.ID+"/"+c.Name(), func(t *testing.T) {
				dir := filepath.Join("testdata", s.ID, c.Name())
				r := scanHome(t, dated(t, dir), []source.Source{s})
				compareGolden(t, filepath.Join(dir, "want.json"), summary(r))
			})
		}
	}
}

// dated copies the home of a case, for a checkout gives its files no times: they are of 2026-06-01, or as modified.json
// says by their names below the home.
func dated(t *testing.T, dir string) string {
	t.Helper()
	home := t.TempDir()
	from := filepath.Join(dir, "home")
	if err := os.CopyFS(home, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	times := map[string]time.Time{}
	if text, err := os.ReadFile(filepath.Join(dir, "modified.json")); err == nil {
		if err := json.Unmarshal(text, &times); err != nil {
			t.Fatal(err)
		}
	}
	err := filepath.WalkDir(home, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		below, err := filepath.Rel(home, name)
		if err != nil {
			return err
		}
		at, ok := times[filepath.ToSlash(below)]
		if !ok {
			at = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
		}
		return os.Chtimes(name, at, at)
	})
	if err != nil {
		t.Fatal(err)
	}
	return home
}

func summary(r *scan.Result) found {
	s := r.Sources[0]
	f := found{Status: s.Status, Records: s.Records, Dropped: s.Dropped, Skipped: s.Skipped, Total: s.TotalTokens, Cells: r.Cells}
	for _, w := range r.Warnings {
		f.Warnings = append(f.Warnings, w.Code+": "+w.Message)
	}
	return f
}

func compareGolden(t *testing.T, name string, got found) {
	t.Helper()
	text, err := json.MarshalIndent(got, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	if *update {
		if err := os.WriteFile(name, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, text) {
		t.Errorf("%s (-want +got)\n%s", name, cmp.Diff(string(want), string(text)))
	}
}

// The word stands in every prompt, answer, title, branch and path of the homes. Sessions and projects may hold words of
// the user, for they stay on the machine; nothing else may.
func TestNoContentIsKept(t *testing.T) {
	homes, err := filepath.Glob("testdata/*/*/home")
	if err != nil || len(homes) == 0 {
		t.Fatal(homes, err)
	}
	for _, home := range homes {
		r := scanHome(t, home, source.All())
		for i := range r.Cells {
			r.Cells[i].Session, r.Cells[i].Project = "", ""
		}
		text, err := json.Marshal(r.Cells)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range r.Warnings {
			text = append(text, w.Message+w.Hint...) // the details are paths, which the user may see
		}
		if strings.Contains(string(text), "CANARY") {
			t.Errorf("%s: %s", home, text)
		}
	}
}
