package scan

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/usage"
)

func TestFilesBesideAreLentAndNotCounted(t *testing.T) {
	dir := home(t, map[string]string{".t/m/a.json": "{}", ".t/p/a/1.json": "one", ".t/p/a/2.json": "twotwo", ".t/p/a/3.txt": "3", ".t/p/b/4.json": "4", "outside/5.json": "5"})
	var seen []string
	s := source.Source{ID: "t", Name: "T", Quality: "exact", Places: []source.Place{{Roots: []string{"~/.t"}, Files: []string{"m/*.json"}}}, Read: func(f source.File) (p source.Part) {
		for _, pattern := range []string{"p/a/*.json", "p/none/*.json", "../outside/*.json", "p/*/4.json"} {
			for other := range f.Beside(pattern) {
				seen = append(seen, other.Path()+" "+string(other.Bytes()))
				other.Fault(source.Corrupt)
			}
		}
		p.Entries = []source.Entry{{Record: usage.Record{Model: "m", Time: now.Add(-time.Hour), Tokens: usage.Tokens{Output: 1}}}}
		return p
	}}
	r := mustRun(t, Options{Home: dir, Sources: []source.Source{s}})
	slices.Sort(seen)
	if diff := cmp.Diff([]string{"p/a/1.json one", "p/a/2.json twotwo"}, seen); diff != "" {
		t.Error(diff)
	}
	if r.Files != 1 || r.Sources[0].Skipped != 2 {
		t.Errorf("%+v", r.Sources[0])
	}
}

func TestAVariableMayNameAFileOfItsOwn(t *testing.T) {
	dir := home(t, map[string]string{"elsewhere/own.x": "text"})
	s := source.Source{ID: "t", Name: "T", Quality: "exact", Places: []source.Place{{Env: []source.Env{{Name: "T_FILE"}}}}, Read: func(f source.File) (p source.Part) {
		p.Entries = []source.Entry{{Record: usage.Record{Model: f.Path(), Time: now.Add(-time.Hour), Tokens: usage.Tokens{Output: int64(len(f.Bytes()))}}}}
		return p
	}}
	r := mustRun(t, Options{Home: dir, Sources: []source.Source{s}, Getenv: func(name string) string {
		return map[string]string{"T_FILE": filepath.Join(dir, "elsewhere", "own.x")}[name]
	}})
	if len(r.Cells) != 1 || r.Cells[0].Model != "own.x" || r.Cells[0].Tokens.Output != 4 {
		t.Errorf("%+v %+v", r.Cells, r.Warnings)
	}
}
