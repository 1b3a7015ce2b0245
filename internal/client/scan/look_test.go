package scan

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/source"
)

func TestRootsExpandAsEachSystemHasThem(t *testing.T) {
	set := map[string]string{"XDG_CONFIG_HOME": "/xdg/config", "XDG_DATA_HOME": "relative", "APPDATA": "/roaming"}
	tests := []struct{ goos, root, want string }{
		{"linux", "~", "/h"}, {"linux", "~/.claude", "/h/.claude"}, {"linux", "$XDG_CONFIG_HOME/claude", "/xdg/config/claude"},
		{"linux", "$XDG_DATA_HOME/x", "/h/.local/share/x"}, {"linux", "$XDG_STATE_HOME/x", "/h/.local/state/x"},
		{"linux", "$APPCONFIG/x", "/xdg/config/x"}, {"linux", "$APPDATA/x", ""}, {"linux", "$LOCALAPPDATA/x", ""}, {"linux", "~/Library/x", ""}, {"linux", "~/Library", ""},
		{"linux", "~/Libraryx", "/h/Libraryx"}, {"linux", "$UNKNOWN/x", ""}, {"linux", "/abs/x", "/abs/x"},
		{"darwin", "~/Library/x", "/h/Library/x"}, {"darwin", "$APPCONFIG/x y", "/h/Library/Application Support/x y"}, {"darwin", "$XDG_DATA_HOME/x", "/h/.local/share/x"},
		{"windows", "$APPDATA/x", "/roaming/x"}, {"windows", "$LOCALAPPDATA/x", "/h/AppData/Local/x"}, {"windows", "$APPCONFIG/x", "/roaming/x"},
	}
	for _, tt := range tests {
		m := machine{home: "/h", getenv: func(name string) string { return set[name] }, goos: tt.goos}
		if got := filepath.ToSlash(m.expand(tt.root)); got != tt.want {
			t.Errorf("%s on %s: %q, want %q", tt.root, tt.goos, got, tt.want)
		}
	}
	if got := (machine{getenv: func(string) string { return "" }}).expand("~/.claude"); got != "" {
		t.Errorf("without a home: %q", got)
	}
}

// lister is a source that only lists: one response for every file, named by its path.
func lister(files ...string) source.Source {
	return source.Source{ID: "lister", Name: "Lister", Places: []source.Place{{
		Env: []source.Env{{Name: "LISTER_HOME"}, {Name: "LISTER_DIRS", PathList: true}, {Name: "LISTER_BASE", Below: ".lister"}}, Roots: []string{"~/.lister", "$XDG_CONFIG_HOME/lister"}, Files: files,
	}}, Read: func(f source.File) source.Part {
		e := source.Entry{}
		e.ID, e.Model, e.Time, e.Tokens.Output = f.Path(), f.Path(), now, 1
		return source.Part{Entries: []source.Entry{e}}
	}}
}

// listed runs a lister and returns the paths it saw, below their roots.
func listed(t *testing.T, o Options, files ...string) ([]string, *Result) {
	t.Helper()
	o.Sources = []source.Source{lister(files...)}
	if o.GOOS == "" {
		o.GOOS = "linux"
	}
	r := mustRun(t, o)
	var names []string
	for _, c := range r.Cells {
		for range c.Requests {
			names = append(names, c.Model)
		}
	}
	slices.Sort(names)
	return names, r
}

func TestPatternsNameFiles(t *testing.T) {
	dir := home(t, map[string]string{
		".lister/a.jsonl": "", ".lister/s/b.jsonl": "", ".lister/s/x/y/c.jsonl": "", ".lister/s/x/d.json": "", ".lister/s/e.jsonl.bak": "",
		".lister/s/node_modules/f.jsonl": "", ".lister/s/.git/g.jsonl": "", ".lister/t/s/h.jsonl": "", ".lister/s/dir.jsonl/i.txt": "",
	})
	tests := map[string][]string{
		"*.jsonl":             {"a.jsonl"},
		"s/*.jsonl":           {"s/b.jsonl"},
		"s/**/*.jsonl":        {"s/b.jsonl", "s/x/y/c.jsonl"},
		"**/*.jsonl":          {"a.jsonl", "s/b.jsonl", "s/x/y/c.jsonl", "t/s/h.jsonl"},
		"**/s/**/*.jsonl":     {"s/b.jsonl", "s/x/y/c.jsonl", "t/s/h.jsonl"},
		"**/**/x/**/*.jsonl":  {"s/x/y/c.jsonl"},
		"*/x/*":               {"s/x/d.json"},
		"s/node_modules/*":    {"s/node_modules/f.jsonl"},
		"s/b.jsonl":           {"s/b.jsonl"},
		"missing/**/*.jsonl":  nil,
		"s/b.jsonl/*.jsonl":   nil,
		"**/dir.jsonl/*.json": nil,
	}
	for pattern, want := range tests {
		got, _ := listed(t, Options{Home: dir}, pattern)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", pattern, diff)
		}
	}
	if got, _ := listed(t, Options{Home: dir}, "*.jsonl", "s/*.jsonl", "**/*.jsonl"); len(got) != 4 {
		t.Errorf("a file that several patterns name is read once: %v", got)
	}
}

func TestOverridesReplaceRoots(t *testing.T) {
	dir := home(t, map[string]string{".lister/s/default.jsonl": "", "a/s/a.jsonl": "", "b/s/b.jsonl": "", "c, d/s/c.jsonl": "", "base/.lister/s/base.jsonl": "", "s/s/s.jsonl": "", "empty/x": ""})
	in := func(names ...string) string {
		for i := range names {
			names[i] = filepath.Join(dir, names[i])
		}
		return strings.Join(names, ",")
	}
	tests := []struct {
		name string
		env  map[string]string
		want []string
		warn string
	}{
		{"none", nil, []string{"s/default.jsonl"}, ""},
		{"blank", map[string]string{"LISTER_HOME": "  "}, []string{"s/default.jsonl"}, ""},
		{"one", map[string]string{"LISTER_HOME": in("a")}, []string{"s/a.jsonl"}, ""},
		{"list", map[string]string{"LISTER_HOME": " " + in("a") + " , ," + in("b")}, []string{"s/a.jsonl", "s/b.jsonl"}, ""},
		{"comma in the name", map[string]string{"LISTER_HOME": in("c, d")}, []string{"s/c.jsonl"}, ""},
		{"home", map[string]string{"LISTER_HOME": "~/a"}, []string{"s/a.jsonl"}, ""},
		{"the folder of the pattern", map[string]string{"LISTER_HOME": in("a/s") + "," + in("a")}, []string{"s/a.jsonl"}, ""},
		{"a root of the same name", map[string]string{"LISTER_HOME": in("s")}, []string{"s/s.jsonl"}, ""},
		{"path list", map[string]string{"LISTER_DIRS": in("a") + ":" + in("b")}, []string{"s/a.jsonl", "s/b.jsonl"}, ""},
		{"two variables", map[string]string{"LISTER_DIRS": in("a"), "LISTER_HOME": in("b")}, []string{"s/a.jsonl", "s/b.jsonl"}, ""},
		{"below", map[string]string{"LISTER_BASE": in("base")}, []string{"s/base.jsonl"}, ""},
		{"nothing there", map[string]string{"LISTER_HOME": in("empty")}, nil, "override-empty"},
		{"nowhere", map[string]string{"LISTER_HOME": in("gone")}, nil, "override-empty"},
	}
	for _, tt := range tests {
		got, r := listed(t, Options{Home: dir, Getenv: func(name string) string { return tt.env[name] }}, "s/*.jsonl")
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		if codes := strings.Join(codesOf(r), " "); codes != tt.warn {
			t.Errorf("%s: warnings %q", tt.name, codes)
		}
	}
}

func codesOf(r *Result) []string {
	var codes []string
	for _, w := range r.Warnings {
		codes = append(codes, w.Code)
	}
	return codes
}

func TestExtraRootsAreReadToo(t *testing.T) {
	dir := home(t, map[string]string{".lister/s/default.jsonl": "", "more/s/more.jsonl": ""})
	got, _ := listed(t, Options{Home: dir, Extra: map[string][]string{"lister": {"~/more"}, "other": {dir}}}, "s/*.jsonl")
	if diff := cmp.Diff([]string{"s/default.jsonl", "s/more.jsonl"}, got); diff != "" {
		t.Error(diff)
	}
}

// As from Windows' side of the same machine, where a tool's second place is as foreign as its first.
func TestExtraRootsMayBeAnyOfAToolsPlaces(t *testing.T) {
	dir := home(t, map[string]string{"mnt/c/a/one.jsonl": "", "mnt/c/b/two.jsonl": "", "mnt/c/three.jsonl": ""})
	s := lister("a/*.jsonl")
	s.Places = append(s.Places, source.Place{Roots: []string{"~/.second"}, Files: []string{"b/*.jsonl"}}, source.Place{Env: []source.Env{{Name: "LISTER_FILE"}}, Files: []string{"*.jsonl"}})
	r, err := Run(t.Context(), Options{Home: dir, Sources: []source.Source{s}, Extra: map[string][]string{"lister": {filepath.Join(dir, "mnt/c")}}})
	if err != nil || r.Records != 2 {
		t.Error(err, r.Records)
	}
}

func TestRootsThatAreAskedForAreOnlyLookedForUntilTheUserNamesThem(t *testing.T) {
	dir := home(t, map[string]string{".lister/s/a.jsonl": ""})
	s := lister("s/*.jsonl")
	s.Places[0].Asked = "it has to be asked for"
	env := func(name, value string) func(string) string {
		return func(n string) string { return map[string]string{name: value}[n] }
	}
	for name, tt := range map[string]struct {
		o    Options
		want State
	}{
		"unnamed":     {Options{}, State{Status: Detected, Reason: "it has to be asked for"}},
		"by a root":   {Options{Extra: map[string][]string{"lister": {"~/.lister"}}}, State{Status: Measured, Files: 1, Records: 1}},
		"by variable": {Options{Getenv: env("LISTER_HOME", filepath.Join(dir, ".lister"))}, State{Status: Measured, Files: 1, Records: 1}},
	} {
		tt.o.Home, tt.o.GOOS, tt.o.Sources, tt.o.Ledger = dir, "linux", []source.Source{s}, t.TempDir()
		r := mustRun(t, tt.o)
		got := State{Status: r.Sources[0].Status, Reason: r.Sources[0].Reason, Files: r.Files, Records: r.Records}
		if diff := cmp.Diff(tt.want, got); diff != "" || len(r.Sources[0].Roots) != 1 || len(r.Warnings) > 0 {
			t.Errorf("%s: %v %v\n%s", name, r.Sources[0].Roots, r.Warnings, diff)
		}
		tt.o.Extra, tt.o.Getenv = nil, nil
		if r := mustRun(t, tt.o); r.Records != 0 {
			t.Errorf("%s: it still counts when nobody asks any more", name)
		}
	}
}

func link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(to, name); err != nil {
		t.Skip(err)
	}
}

// Tools say in a file's name what is in it; a link to it that comes first has any name.
func TestAFileThatLinksLeadToHasItsOwnName(t *testing.T) {
	dir := home(t, map[string]string{".lister/s/p/b.jsonl": "", ".lister/z/d.jsonl": "", "aside/c.jsonl": ""})
	link(t, filepath.Join(dir, ".lister/s/p/b.jsonl"), filepath.Join(dir, ".lister/s/p/a.jsonl"))
	link(t, filepath.Join(dir, ".lister/z/d.jsonl"), filepath.Join(dir, ".lister/s/p/d-too.jsonl"))
	link(t, filepath.Join(dir, "aside/c.jsonl"), filepath.Join(dir, ".lister/s/p/only.jsonl"))
	names, _ := listed(t, Options{Home: dir}, "s/*/*.jsonl", "z/*.jsonl")
	if diff := cmp.Diff([]string{"s/p/b.jsonl", "s/p/only.jsonl", "z/d.jsonl"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestLinksMakeNoCirclesAndNoDoubles(t *testing.T) {
	dir := home(t, map[string]string{"real/s/p/a.jsonl": "", "far/s/p/b.jsonl": "", "aside/c.jsonl": ""})
	link(t, filepath.Join(dir, "real"), filepath.Join(dir, ".lister"))                             // a root
	link(t, filepath.Join(dir, ".lister"), filepath.Join(dir, ".config/lister"))                   // the same through two links
	link(t, filepath.Join(dir, "real/s"), filepath.Join(dir, "real/s/p/circle"))                   // a circle
	link(t, filepath.Join(dir, "real/s/p/a.jsonl"), filepath.Join(dir, "real/s/p/same.jsonl"))     // a file twice
	link(t, filepath.Join(dir, "aside/c.jsonl"), filepath.Join(dir, "real/s/p/linked.jsonl"))      // a file elsewhere
	link(t, filepath.Join(dir, "real/s/p/nothing"), filepath.Join(dir, "real/s/p/dangling.jsonl")) // nothing
	got, r := listed(t, Options{Home: dir}, "s/**/*.jsonl")
	if diff := cmp.Diff([]string{"s/p/a.jsonl", "s/p/linked.jsonl"}, got); diff != "" || len(r.Warnings) > 0 {
		t.Error(diff, r.Warnings)
	}
	if roots := r.Sources[0].Roots; len(roots) != 1 {
		t.Errorf("roots %v", roots)
	}

	link(t, filepath.Join(dir, "far/s"), filepath.Join(dir, "other/s")) // the folder that the pattern begins with
	got, _ = listed(t, Options{Home: dir, Getenv: func(name string) string {
		return map[string]string{"LISTER_HOME": filepath.Join(dir, "other") + "," + filepath.Join(dir, "far")}[name]
	}}, "s/**/*.jsonl")
	if diff := cmp.Diff([]string{"s/p/b.jsonl"}, got); diff != "" {
		t.Error(diff)
	}

	link(t, filepath.Join(dir, "loop"), filepath.Join(dir, "loop"))
	_, r = listed(t, Options{Home: dir, Getenv: func(name string) string {
		return map[string]string{"LISTER_HOME": filepath.Join(dir, "loop")}[name]
	}}, "s/**/*.jsonl")
	if diff := cmp.Diff([]string{"unreadable-files", "override-empty"}, codesOf(r)); diff != "" {
		t.Error(diff)
	}
}

func TestAFolderWithinAnotherIsCountedOnce(t *testing.T) {
	dir := home(t, map[string]string{"all/one/a.jsonl": "", "all/one/b.jsonl": "", "all/two/c.jsonl": "", "alloy/d.jsonl": ""})
	link(t, filepath.Join(dir, "all/one/a.jsonl"), filepath.Join(dir, "alloy/linked.jsonl"))
	all, one, alloy := filepath.Join(dir, "all"), filepath.Join(dir, "all/one"), filepath.Join(dir, "alloy")
	for _, roots := range [][]string{{all, one, alloy}, {one, alloy, all}, {alloy, all, one}} {
		got, _ := listed(t, Options{Home: dir, Extra: map[string][]string{"lister": roots}}, "**/*.jsonl")
		for i := range got {
			got[i] = strings.Replace(filepath.Base(got[i]), "linked", "a", 1) // by whichever name it was met first
		}
		slices.Sort(got)
		if diff := cmp.Diff([]string{"a.jsonl", "b.jsonl", "c.jsonl", "d.jsonl"}, got); diff != "" {
			t.Error(roots, diff)
		}
	}
}

func TestStarsInRootsStandForAnything(t *testing.T) {
	dir := home(t, map[string]string{"a/v1/x/s/1.jsonl": "", "a/v2/x/s/2.jsonl": "", "a/w/x/s/3.jsonl": ""})
	s := lister("s/*.jsonl")
	s.Places = []source.Place{{Roots: []string{"~/a/v*/x", "~/none/*/x"}, Files: []string{"s/*.jsonl"}}}
	r := mustRun(t, Options{Home: dir, Sources: []source.Source{s}})
	want := []string{filepath.Join(dir, "a/v1/x"), filepath.Join(dir, "a/v2/x")}
	if diff := cmp.Diff(want, r.Sources[0].Roots); diff != "" || r.Records != 2 {
		t.Error(r.Records, diff)
	}
	if diff := cmp.Diff(append(want, filepath.Join(dir, "none/*/x")), r.Sources[0].Looked); diff != "" {
		t.Error(diff)
	}
}

func TestNothingButNamedFilesIsOpened(t *testing.T) {
	dir := home(t, map[string]string{
		".claude/projects/p/s.jsonl": "{}\n", ".claude/history.jsonl": "{}\n", ".claude/.credentials.json": "{}", ".claude.json": "{}", ".claude/projects/p/s/subagents/a.meta.json": "{}",
		".codex/auth.json": "{}", ".codex/history.jsonl": "{}\n", ".codex/sessions/2026/05/01/rollout-x.jsonl": "{}\n", ".codex/sessions/2026/05/01/x.jsonl": "{}\n",
		".gemini/oauth_creds.json": "{}", ".gemini/tmp/p/logs.json": "[]", ".gemini/tmp/p/chats/session-1.json": "{}", ".cline/data/x.json": "{}", ".aider/caches/x.json": "{}", ".aider.chat.history.md": "{}",
	})
	want := []string{"claude-code .claude/projects/p/s.jsonl", "codex .codex/sessions/2026/05/01/rollout-x.jsonl", "gemini-cli .gemini/tmp/p/chats/session-1.json"}
	var named, opened []string
	a := osAccess
	var mu sync.Mutex
	a.open = func(name string) (io.ReadCloser, error) {
		mu.Lock()
		defer mu.Unlock()
		opened = append(opened, name)
		return os.Open(name)
	}
	o := Options{Home: dir, Getenv: func(string) string { return "" }, GOOS: "linux", Sources: source.All(), Now: now, Opened: func(source, name string) {
		below, _ := filepath.Rel(dir, name)
		named = append(named, source+" "+filepath.ToSlash(below))
	}}
	if _, err := run(t.Context(), o, a); err != nil {
		t.Fatal(err)
	}
	slices.Sort(named)
	if diff := cmp.Diff(want, named); diff != "" || len(opened) != len(named) {
		t.Error(diff, opened)
	}
}

func TestWhatCannotBeReadIsSaidOnce(t *testing.T) {
	line := `{"type":"assistant","timestamp":"2026-05-01T10:00:00Z","requestId":"r","message":{"id":"ID","model":"m","usage":{"input_tokens":1,"output_tokens":1}}}` + "\n"
	dir := home(t, map[string]string{
		".claude/projects/p/good.jsonl": line, ".claude/projects/p/denied.jsonl": line, ".claude/projects/p/gone.jsonl": line, ".claude/projects/locked/x.jsonl": line,
		".claude/projects/p/broken.jsonl": strings.Replace(line, "ID", "other", 1),
	})
	a := osAccess
	a.open = func(name string) (io.ReadCloser, error) {
		switch filepath.Base(name) {
		case "denied.jsonl":
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
		case "gone.jsonl":
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		case "broken.jsonl":
			f, err := os.Open(name)
			return struct {
				io.Reader
				io.Closer
			}{io.MultiReader(f, errReader{}), f}, err
		}
		return os.Open(name)
	}
	a.list = func(name string, wanted wanted) ([]entry, error) {
		if filepath.Base(name) == "locked" {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
		}
		return list(name, wanted)
	}
	o := Options{Home: dir, Getenv: func(string) string { return "" }, GOOS: "linux", Sources: source.All(), Now: now}
	r, err := run(t.Context(), o, a)
	if err != nil {
		t.Fatal(err)
	}
	want := []Warning{{Code: "unreadable-files", Source: "claude-code", Message: "3 files or folders of Claude Code could not be read", Partial: true, Hint: "tokenflexing sources",
		Details: []string{"~/.claude/projects/locked", "~/.claude/projects/p/broken.jsonl", "~/.claude/projects/p/denied.jsonl"}}}
	if diff := cmp.Diff(want, r.Warnings); diff != "" || r.Records != 2 || r.Files != 3 {
		t.Errorf("%d records in %d files\n%s", r.Records, r.Files, diff)
	}
}

// A tool whose files are locked away is not one that has left none.
func TestToolsWhoseFilesAreLockedAreNotCalledUnused(t *testing.T) {
	dir := home(t, map[string]string{".codex/sessions/2026/x.txt": "", ".claude/projects/p/denied.jsonl": "{}\n", ".gemini/tmp/x": ""})
	a := osAccess
	a.list = func(name string, wanted wanted) ([]entry, error) {
		if filepath.Base(name) == "sessions" {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
		}
		return list(name, wanted)
	}
	a.open = func(name string) (io.ReadCloser, error) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	r, err := run(t.Context(), Options{Home: dir, Getenv: func(string) string { return "" }, GOOS: "linux", Sources: source.All(), Now: now}, a)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for _, s := range r.Sources {
		if s.Status == Detected {
			got[s.ID] = s.Reason
		}
	}
	want := map[string]string{"codex": "what it left could not be read", "claude-code": "what it left could not be read", "gemini-cli": "it has left no usage yet"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errors.New("broken disk") }
