package config

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func none(string) string { return "" }

func paths(t *testing.T) Paths {
	t.Helper()
	p, err := NewPaths("linux", t.TempDir(), none)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func site(t *testing.T, s string) Site {
	t.Helper()
	parsed, err := ParseSite(s)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestSites(t *testing.T) {
	tests := map[string]string{ // "" means refused
		"":                             "https://tokenflex.ing",
		"https://board.example":        "https://board.example",
		"https://board.example/":       "https://board.example",
		"https://Board.Example:8443":   "https://board.example:8443",
		"http://127.0.0.1:8480":        "http://127.0.0.1:8480",
		"http://localhost:8480":        "http://localhost:8480",
		"http://[::1]:8480":            "http://[::1]:8480",
		"http://board.example":         "",
		"http://127.0.0.1.example.com": "",
		"http://localhost.example":     "",
		"ftp://board.example":          "",
		"board.example":                "",
		"https://":                     "",
		"https://me:pw@board.example":  "",
		"https://board.example/sub":    "",
		"https://board.example?x=1":    "",
		"https://board.example#x":      "",
		"javascript:alert(1)":          "",
	}
	for in, want := range tests {
		got, err := ParseSite(in)
		if got.String() != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestConfig(t *testing.T) {
	tests := []struct {
		name, text string
		want       Config
		err        string
		line       int
		hint       string
	}{
		{"none", "", Config{}, "", 0, ""},
		{"all keys", "site = \"https://x.example\"\ntimezone = \"UTC\"\nglyphs = \"ascii\"\n[sources.codex]\nroots = [\"/a\"]\n",
			Config{Site: "https://x.example", Timezone: "UTC", Glyphs: "ascii", Sources: map[string]Source{"codex": {[]string{"/a"}}}}, "", 0, ""},
		{"a typo", "\n\ntimezon = \"UTC\"\n", Config{}, `line 3: no key "timezon"`, 3, `did you mean "timezone"?`},
		{"a strange key", "colour = 1\n", Config{}, `line 1: no key "colour"`, 1, ""},
		{"not TOML", "site = \n", Config{}, "line 1", 1, ""},
		{"a wrong type", "site = 3\n", Config{}, "line 1", 1, ""},
		{"a wrong value", "glyphs = \"emoji\"\n", Config{}, `glyphs = "emoji" is not known`, 1, `write glyphs = "ascii" or leave it out`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := paths(t)
			if tt.text != "" {
				if err := writePrivate(filepath.Join(p.Config, "config.toml"), []byte(tt.text)); err != nil {
					t.Fatal(err)
				}
			}
			got, err := p.Load()
			var wrong *Error
			if (err != nil) != (tt.err != "") || err != nil && (!errors.As(err, &wrong) || !strings.Contains(err.Error(), tt.err)) {
				t.Fatalf("error %v, want %q", err, tt.err)
			}
			if wrong != nil && (wrong.Line != tt.line || wrong.Hint != tt.hint) {
				t.Errorf("line %d, hint %q; want %d, %q", wrong.Line, wrong.Hint, tt.line, tt.hint)
			}
			if diff := cmp.Diff(tt.want, got); err == nil && diff != "" {
				t.Errorf("config (-want +got):\n%s", diff)
			}
		})
	}
}

// A token is given to the site that minted it and to no other.
func TestTokensAreKeptPerSite(t *testing.T) {
	p, ours, theirs := paths(t), site(t, "https://a.example"), site(t, "https://b.example")
	mine := Device{Token: "tf_live_a", Handle: "mira", Name: "studio", ID: 7, SignedIn: "2026-11-23"}
	if err := p.SaveDevice(ours, mine); err != nil {
		t.Fatal(err)
	}
	if got, ok, err := p.Device(ours); err != nil || !ok || got != mine {
		t.Errorf("own site: %+v, %v, %v", got, ok, err)
	}
	if got, ok, err := p.Device(theirs); err != nil || ok {
		t.Errorf("other site: %+v, %v, %v", got, ok, err)
	}
	if err := p.ForgetDevice(ours); err != nil {
		t.Fatal(err)
	}
	if _, ok, _ := p.Device(ours); ok {
		t.Error("forgotten, but still there")
	}
}

func TestTokenFileIsForItsOwnerAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes there")
	}
	p, s := paths(t), site(t, "")
	if err := p.SaveDevice(s, Device{Token: "tf_live_a"}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{p.TokenFile(): 0o600, p.Config: 0o700} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want %o", path, info.Mode().Perm(), err, want)
		}
	}
	for _, mode := range []os.FileMode{0o604, 0o640, 0o644, 0o666} {
		if err := os.Chmod(p.TokenFile(), mode); err != nil {
			t.Fatal(err)
		}
		var exposed *ErrExposed
		if d, _, err := p.Device(s); !errors.As(err, &exposed) || d.Token != "" {
			t.Errorf("%o: token %q used, error %v", mode, d.Token, err)
		}
	}
}

func TestDamagedTokenFileIsNotOverwritten(t *testing.T) {
	p, s := paths(t), site(t, "")
	if err := writePrivate(p.TokenFile(), []byte("{")); err != nil {
		t.Fatal(err)
	}
	if err := p.SaveDevice(s, Device{Token: "tf_live_a"}); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("error %v", err)
	}
}

// What was confirmed is only a saving: damage means sending again, never failing.
func TestSyncedSurvivesDamage(t *testing.T) {
	p, s := paths(t), site(t, "")
	want := Synced{Device: 3, LastSeq: 9, At: time.Date(2026, 11, 23, 14, 20, 0, 0, time.UTC), Rows: map[string]Row{"a": {Cell: "c", Digest: "b", Tokens: 5}}}
	if err := p.SaveSynced(s, want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, p.Synced(s)); diff != "" {
		t.Errorf("synced (-want +got):\n%s", diff)
	}
	for _, text := range []string{"", "{", "null", "[]", `{"https://tokenflex.ing":3}`} {
		if err := os.WriteFile(p.syncedFile(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(Synced{}, p.Synced(s)); diff != "" {
			t.Errorf("%q gives %s", text, diff)
		}
		if err := p.SaveSynced(s, want); err != nil {
			t.Error(err)
		}
	}
}

func TestFoldersPerSystem(t *testing.T) {
	home := string(filepath.Separator) + filepath.Join("home", "mira")
	env := func(vars map[string]string) func(string) string { return func(k string) string { return vars[k] } }
	tests := []struct {
		goos string
		vars map[string]string
		want Paths
	}{
		{"linux", nil, Paths{filepath.Join(home, ".config/tokenflexing"), filepath.Join(home, ".local/state/tokenflexing")}},
		{"darwin", nil, Paths{filepath.Join(home, ".config/tokenflexing"), filepath.Join(home, "Library/Application Support/tokenflexing")}},
		{"windows", nil, Paths{filepath.Join(home, ".config/tokenflexing"), filepath.Join(home, "AppData/Local/tokenflexing")}},
		{"linux", map[string]string{"XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s"}, Paths{"/c/tokenflexing", "/s/tokenflexing"}},
		{"linux", map[string]string{"XDG_CONFIG_HOME": "/c", "TOKENFLEX_DIR": "/t"}, Paths{"/t", "/t"}},
		{"linux", map[string]string{"XDG_CONFIG_HOME": "relative"}, Paths{filepath.Join(home, ".config/tokenflexing"), filepath.Join(home, ".local/state/tokenflexing")}},
	}
	for _, tt := range tests {
		got, err := NewPaths(tt.goos, home, env(tt.vars))
		if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
			t.Errorf("%s %v: %v\n%s", tt.goos, tt.vars, err, diff)
		}
	}
	if _, err := NewPaths("linux", "", none); err == nil {
		t.Error("no home, no error")
	}
}
