package scan

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/usage"
)

// wordy reads every line "id mirrors" as one response with one token; the file's name is its session.
func wordy(id, beside, root string, env ...source.Env) source.Source {
	return source.Source{
		ID: id, Name: id, Beside: beside, Quality: "exact", Revision: 1, Reason: "it has to be asked for",
		Places: []source.Place{{Env: env, Roots: []string{root}, Files: []string{"*.txt", "*.txt.zstd"}}},
		Read: func(f source.File) source.Part {
			p := source.Part{Session: path.Base(f.Path())}
			for line := range f.Lines() {
				name, mirrors, _ := strings.Cut(string(line), " ")
				at := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
				p.Entries = append(p.Entries, source.Entry{Record: usage.Record{ID: name, Model: "m", Time: at, Tokens: usage.Tokens{Input: 1}}, Mirrors: mirrors})
			}
			return p
		},
	}
}

func scanned(t *testing.T, home string, env map[string]string, sources ...source.Source) map[string]int64 {
	t.Helper()
	r, err := Run(context.Background(), Options{Home: home, GOOS: "linux", Sources: sources, Getenv: func(name string) string { return env[name] }})
	if err != nil {
		t.Fatal(err)
	}
	kept := make(map[string]int64)
	for _, s := range r.Sources {
		kept[s.ID] = s.Records
	}
	return kept
}

func lay(t *testing.T, home, name, text string) {
	t.Helper()
	name = filepath.Join(home, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestWhatAnotherSourceTellsIsCountedOnce(t *testing.T) {
	home := t.TempDir()
	lay(t, home, "a/one.txt", "r1\nr2\n")
	lay(t, home, "a/empty.txt", "")
	lay(t, home, "b/x.txt", "r1\nr3\nr4 a:one.txt\nr5 a:empty.txt\nr6 a:gone.txt\n")
	a, b := wordy("a", "", "~/a"), wordy("b", "a", "~/b")
	for _, order := range [][]source.Source{{a, b}, {b, a}} {
		if diff := cmp.Diff(map[string]int64{"a": 2, "b": 3}, scanned(t, home, nil, order...)); diff != "" {
			t.Error(diff)
		}
	}
	if diff := cmp.Diff(map[string]int64{"b": 5}, scanned(t, home, nil, b)); diff != "" {
		t.Error(diff)
	}
}

func TestARootMayBeTheFileThatIsRead(t *testing.T) {
	home := t.TempDir()
	lay(t, home, "logs/any.name", "r1\nr2\n")
	s := wordy("a", "", "~/a", source.Env{Name: "A_LOG"})
	if diff := cmp.Diff(map[string]int64{"a": 2}, scanned(t, home, map[string]string{"A_LOG": "~/logs/any.name"}, s)); diff != "" {
		t.Error(diff)
	}
}

func TestAVariableMayNameAFolderInTheHome(t *testing.T) {
	home := t.TempDir()
	lay(t, home, ".b/agent/one.txt", "r1\n")
	s := wordy("a", "", "~/.a", source.Env{Name: "A_DIR", Home: true, Below: "agent"})
	for value, want := range map[string]int64{".b": 1, "~/.b": 1, filepath.Join(home, ".b"): 1, ".c": 0} {
		if diff := cmp.Diff(map[string]int64{"a": want}, scanned(t, home, map[string]string{"A_DIR": value}, s)); diff != "" {
			t.Errorf("%s: %s", value, diff)
		}
	}
}

func TestOfASourceWithoutFilesItsReasonIsSaid(t *testing.T) {
	home := t.TempDir()
	lay(t, home, "a/other", "")
	r, err := Run(context.Background(), Options{Home: home, GOOS: "linux", Sources: []source.Source{wordy("a", "", "~/a")}})
	if err != nil || r.Sources[0].Status != Detected || r.Sources[0].Reason != "it has to be asked for" {
		t.Error(err, r.Sources[0])
	}
}
